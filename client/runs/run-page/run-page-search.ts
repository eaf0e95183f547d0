import { idParam, lineParam, oneOfParam, type RawSearch, textParam } from '#client/ui/search-params.ts';

export const runTabs = ['log', 'report', 'artifacts', 'timeline', 'compare'] as const;
export type RunTab = (typeof runTabs)[number];

/** How a run is shown, as it stands in the address. */
export interface RunPageSearch {
  /** Undefined: the log. */
  tab?: RunTab | undefined;
  /** The selected row of the tree: the id of a step, or the key of a test. */
  step?: string | undefined;
  /** The line of the log that is marked, from 1. */
  line?: number | undefined;
  /** The id of the enlarged screenshot. */
  artifact?: string | undefined;
}

/** Drops parameters that are unknown or invalid. */
export function parseRunPageSearch({ tab, step, line, artifact }: RawSearch): RunPageSearch {
  return {
    tab: oneOfParam(runTabs, tab),
    step: textParam(step),
    line: lineParam(line),
    artifact: idParam(artifact),
  };
}
