import { useMemo } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { LostStream } from '#client/live/lost-stream.tsx';
import type { LogLine } from '#client/ui/log/log-lines.ts';
import LogView from '#client/ui/log/log-view.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import type { CaseList } from '#client/runs/case-data/case-list.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
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
  const { query, window, earlier, later, toLatest, lost, reconnect } = useLogWindow({ runId }, { live, line });
  const { states } = cases;
  const group = useMemo(
    () => ({
      keyOf: ({ caseIndex, attempt }: LogLine) => (caseIndex === undefined ? '' : `${caseIndex}:${attempt}`),
      title: (first: LogLine) => groupTitle(first, list, states),
    }),
    [list, states],
  );
  if (query.isError)
    return (
      <ErrorState
        title="The log could not be loaded"
        cause={errorText(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  if (!window) return <Skeleton label="Loading the log" rows={4} />;
  return (
    <>
      {lost && <LostStream onReconnect={reconnect} />}
      <LogView
        lines={window.log.lines}
        live={live}
        label="Output of the run"
        empty={live ? 'Nothing has been written yet.' : 'This run wrote nothing.'}
        className="min-h-40 flex-1 max-lg:max-h-[70dvh]"
        line={line}
        onLine={onLine}
        addressOf={addressOf}
        earlier={earlier}
        later={later}
        onLatest={() => void toLatest()}
        downloadUrl={downloadUrl}
        group={group}
      />
    </>
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
