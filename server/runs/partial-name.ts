const longestName = 200;

/** The name of a run of some cases, which says so: lists would take it for a run of all. `some`: such as `line 12`. */
export function partialName(name: string, some: string): string {
  const suffix = ` › ${some}`;
  return `${name.slice(0, longestName - suffix.length)}${suffix}`.toWellFormed();
}

/** The name of a run of some cases of an earlier run. */
export function nameOfSome({ name, total }: { name: string; total: number }, count: number): string {
  return partialName(name.replace(ofSome, ''), `${count} of ${total} ${total === 1 ? 'case' : 'cases'}`);
}

/** What the retry of some added to the name; earlier versions retried whole tests. */
const ofSome = / › \d+ of \d+ (cases?|tests)$/;
