const longestName = 200;

/** The name of a run of some cases, which says so: lists would take it for a run of all. `some`: such as `line 12`. */
export function partialName(name: string, some: string): string {
  const suffix = ` › ${some}`;
  return `${name.slice(0, longestName - suffix.length)}${suffix}`.toWellFormed();
}
