import { useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import { useNow } from '#client/ui/use-now.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { stepsOfTest, type RunLog } from './run-log.ts';
import { TestStatusIcon } from '#client/runs/status/test-status-icon.tsx';

interface Span {
  key: string;
  title: string;
  status: TestStatus;
  /** Epoch ms. */
  begin: number;
  /** Null while it runs. */
  end: number | null;
}

const portion = 200;

const barClass: Record<TestStatus, string> = {
  pending: 'bg-line-strong',
  running: 'bg-busy',
  passed: 'bg-good',
  failed: 'bg-bad',
  timed_out: 'bg-warn',
  skipped: 'bg-line-strong',
  interrupted: 'bg-line-strong',
};

/** When each Playwright test of the run began and how long it took, side by side. */
export default function RunTimeline({
  tests,
  log,
  live,
  selected,
  onSelect,
}: {
  tests: readonly { position: number; name: string }[];
  log: RunLog;
  live: boolean;
  selected: string | undefined;
  onSelect: (key: string) => void;
}) {
  const [limit, setLimit] = useState(portion);
  const now = useNow(live ? 500 : 60_000);
  const spans = tests.flatMap((test) => spansOf(test, log, tests.length > 1));
  if (spans.length === 0) {
    return <p className="px-4 py-6 text-sm text-muted">{live ? 'No test has begun yet.' : 'No test has begun.'}</p>;
  }
  const first = Math.min(...spans.map(({ begin }) => begin));
  const last = Math.max(...spans.map(({ begin, end }) => end ?? Math.max(now, begin)), first + 2);
  const place = (time: number) => `${(100 * (time - first)) / (last - first)}%`;
  return (
    <div className="p-4 text-sm">
      <div aria-hidden className="mb-1 flex justify-between pl-[40%] text-xs text-muted tabular-nums">
        <span>0</span>
        <span>{formatDuration((last - first) / 2)}</span>
        <span>{formatDuration(last - first)}</span>
      </div>
      <ul aria-label="Timeline of the tests">
        {spans.slice(0, limit).map(({ key, title, status, begin, end }) => {
          const until = end ?? Math.max(now, begin);
          return (
            <li key={key}>
              <button
                type="button"
                aria-current={key === selected || undefined}
                onClick={() => onSelect(key)}
                className={`flex min-h-8 w-full items-center rounded-md focus-visible:-outline-offset-2 ${key === selected ? 'bg-chosen' : 'hover:bg-hover'}`}
              >
                <span className="flex w-2/5 shrink-0 items-center gap-2 pr-3 pl-1.5">
                  <TestStatusIcon status={status} />
                  <bdi className="truncate">{title}</bdi>
                </span>
                <span className="relative h-5 min-w-0 flex-1 bg-[linear-gradient(to_right,var(--color-line)_1px,transparent_1px)] bg-[length:50%_100%]">
                  <span
                    className={`absolute inset-y-1 min-w-1 rounded-xs ${barClass[status]}`}
                    style={{ left: place(begin), right: `calc(100% - ${place(until)})` }}
                  />
                </span>
                <span className="w-18 shrink-0 text-right text-xs text-muted tabular-nums">
                  {formatDuration(until - begin)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {spans.length > limit && (
        <Button variant="ghost" size="sm" onClick={() => setLimit(limit + portion)}>
          Show {Math.min(portion, spans.length - limit)} more
        </Button>
      )}
    </div>
  );
}

/** The Playwright tests of a test, or the test itself if none of them began. */
function spansOf(test: { position: number; name: string }, log: RunLog, named: boolean): Span[] {
  const cases = (log.children.get(stepsOfTest(test.position)) ?? []).flatMap((id) => {
    const step = log.steps.get(id);
    return step?.category === 'case' ? [step] : [];
  });
  const span = (
    key: string,
    title: string,
    { status, begunAt, duration, at }: { status: TestStatus; begunAt: string; duration: number | null; at: string },
  ): Span => {
    const begin = Date.parse(begunAt);
    const open = status === 'running' && !log.ended;
    return { key, title, status, begin, end: open ? null : begin + (duration ?? Date.parse(at) - begin) };
  };
  if (cases.length > 0)
    return cases.map((step) => span(step.id, named ? `${test.name} › ${step.title}` : step.title, step));
  const logged = log.tests.get(test.position);
  return logged && logged.status !== 'skipped' ? [span(stepsOfTest(test.position), test.name, logged)] : [];
}
