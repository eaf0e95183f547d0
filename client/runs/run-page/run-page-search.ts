import { caseKinds, type CaseKind } from '#client/runs/case-data/list-options.ts';
import { type Grouping, groupings } from '#client/runs/case-data/list-options.ts';
import { idParam, lineParam, oneOfParam, type RawSearch, textParam } from '#client/ui/search-params.ts';

export const runTabs = ['errors', 'log', 'timeline', 'compare', 'artifacts', 'report'] as const;
export type RunTab = (typeof runTabs)[number];

/** How a run is shown, as it stands in the address. */
export interface RunPageSearch {
  /** The chosen case: its index in the run, from 0. */
  case?: number | undefined;
  /** The attempt of the chosen case, from 1. Undefined: the last one. */
  attempt?: number | undefined;
  /** The id of the selected step. */
  step?: string | undefined;
  /** The marked line of the log, as `addressOfLine` names it. */
  line?: string | undefined;
  /** What of the whole run is shown. Undefined: its errors, and on a phone its cases. */
  tab?: RunTab | undefined;
  /** The run that it is compared with. Undefined: as the server chooses. */
  with?: string | undefined;
  /** The cases that are listed. Undefined: all. */
  filter?: CaseKind | undefined;
  /** Undefined: by file. */
  group?: Grouping | undefined;
  /** What is searched for in the list. */
  q?: string | undefined;
  /** The id of the enlarged screenshot. */
  artifact?: string | undefined;
}

/** Drops parameters that are unknown or invalid. What belongs to a case goes where there is none. */
export function parseRunPageSearch(raw: RawSearch): RunPageSearch {
  const index = indexParam(raw['case']);
  return {
    case: index,
    attempt: index === undefined ? undefined : attemptParam(raw['attempt']),
    step: index === undefined ? undefined : textParam(raw['step']),
    line: lineParam(raw['line']),
    tab: index === undefined ? oneOfParam(runTabs, raw['tab']) : undefined,
    with: idParam(raw['with']),
    filter: oneOfParam(caseKinds, raw['filter']),
    group: oneOfParam(groupings, raw['group']),
    q: textParam(raw['q']),
    artifact: idParam(raw['artifact']),
  };
}

const indexParam = (value: string | undefined) =>
  value !== undefined && /^(0|[1-9]\d{0,6})$/.test(value) ? Number(value) : undefined;

const attemptParam = (value: string | undefined) =>
  value !== undefined && /^[1-9]\d{0,2}$/.test(value) ? Number(value) : undefined;
