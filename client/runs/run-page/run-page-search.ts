export const runTabs = ['log', 'report', 'artifacts', 'timeline', 'compare'] as const;
export type RunTab = (typeof runTabs)[number];

/** What the address of a run says of how it is shown. */
export interface RunPageSearch {
  /** The log when it is not said. */
  tab?: RunTab | undefined;
  /** Of the tree: the id of a step, or the key of a test. */
  step?: string | undefined;
  /** Of the log, from 1. */
  line?: number | undefined;
  /** Id of the screenshot that is shown large. */
  artifact?: string | undefined;
}

/** The parts of an address that mean something. */
export function parseRunPageSearch({ tab, step, line, artifact }: Record<string, unknown>): RunPageSearch {
  const search: RunPageSearch = {
    tab: runTabs.find((known) => known === tab),
    step: step === undefined ? undefined : String(step),
    line: typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line : undefined,
    artifact: typeof artifact === 'string' ? artifact : undefined,
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}
