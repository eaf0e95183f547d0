import { useMemo } from 'react';
import type { LogLine } from '#client/ui/log/log-lines.ts';
import type { CaseList } from '#client/runs/case-data/case-list.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import { LogWindowView } from '#client/runs/log/log-window-view.tsx';
import { useLogWindow } from '#client/runs/log/use-log-window.ts';
import { CaseIcon } from '#client/runs/status/case-icon.tsx';

/** The output of the whole run under the cases that wrote it: its end, and more as the reader scrolls up. */
export default function WholeLog({
  runId,
  list,
  cases,
  live,
  line,
  onLine,
  addressOf,
  downloadUrl,
}: {
  runId: string;
  list: CaseList;
  cases: RunCases;
  live: boolean;
  /** The marked line. */
  line: string | undefined;
  onLine: (line: string) => void;
  addressOf: (line: string) => string;
  /** Of all output as a file. */
  downloadUrl: string | undefined;
}) {
  const log = useLogWindow({ runId }, { live, line });
  const { states } = cases;
  const group = useMemo(
    () => ({
      keyOf: ({ caseIndex, attempt }: LogLine) => (caseIndex === undefined ? '' : `${caseIndex}:${attempt}`),
      title: (first: LogLine) => groupTitle(first, list, states),
    }),
    [list, states],
  );
  return (
    <LogWindowView
      of={log}
      live={live}
      label="Output of the run"
      empty={live ? 'Nothing has been written yet.' : 'This run wrote nothing.'}
      className="min-h-40 flex-1 max-lg:max-h-[70dvh]"
      line={line}
      onLine={onLine}
      addressOf={addressOf}
      downloadUrl={downloadUrl}
      group={group}
    />
  );
}

/** What wrote the lines under a heading. */
function groupTitle({ caseIndex, attempt = 0 }: LogLine, list: CaseList, states: RunCases['states']) {
  const info = caseIndex === undefined ? undefined : list.cases[caseIndex];
  if (!info) return <span className="text-muted">Outside of tests</span>;
  return (
    <span className="inline-flex max-w-full items-center gap-1.5">
      <CaseIcon kind={kindOf(states[info.index])} />
      <bdi className="truncate">
        <span className="text-muted">{[info.file, ...info.groups].filter(Boolean).join(' › ')} › </span>
        {info.title}
      </bdi>
      {attempt > 0 && <span className="text-muted">attempt {attempt + 1}</span>}
    </span>
  );
}
