import type { TestSettings } from '#shared/test-settings.ts';

interface Script {
  script: string;
  settings: TestSettings;
}

/** `page.context().storageState({ path })`, which writes the state. */
const writesState = /\.storageState\s*\(/;

/** A file such as `playwright/.auth/user.json`. */
const jsonFile = /(['"`])((?:(?!\1)[^\\\n])+\.json)\1/g;

/**
 * Positions of the earlier scripts that write the storage state with which the script at `position` runs: they have to run
 * before it. A script uses a state by its settings, or names the same file.
 */
export function setupsOf(scripts: readonly Script[], position: number): number[] {
  const own = scripts[position]!;
  const wanted = own.settings.use?.storageState;
  const earlier = [...scripts.entries()].slice(0, position);
  const writers = earlier.filter(([, { script }]) => writesState.test(script));
  const found = new Set(writers.filter(([, { script }]) => sharesFile(script, own.script)).map(([at]) => at));
  if (wanted !== undefined) {
    const naming = earlier.filter(([, it]) => it.settings.use?.storageState !== wanted && it.script.includes(wanted));
    // A path may be put together of parts.
    for (const [at] of naming.length > 0 ? naming : writers) found.add(at);
  }
  return [...found].toSorted((a, b) => a - b);
}

function sharesFile(one: string, other: string): boolean {
  return [...one.matchAll(jsonFile)].some(([, , file]) => other.includes(file!));
}
