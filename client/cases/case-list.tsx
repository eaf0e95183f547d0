import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import type { ShownVerdict } from '#client/runs/history/verdict-label.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import { formatDate, formatDuration, formatPercent } from '#client/ui/format.ts';
import { RelativeTime } from '#client/ui/time.tsx';
import { useNow } from '#client/ui/use-now.ts';

type Case = Outputs['cases']['list']['items'][number];
type Held = Outputs['cases']['byId'];
type Metric = 'failing' | 'flaky' | 'slow' | 'new' | 'quarantine';

/** Results of a case that a row shows. */
const stripLength = 10;
const dayMs = 24 * 3_600_000;

/** Cases as rows that link to their pages, with what the list is about. */
export function CaseList({
  cases,
  strips,
  metric,
  none,
  more = 0,
  inSuite = false,
  branch,
}: {
  cases: readonly (Case | Held)[];
  strips: ReadonlyMap<string, ShownVerdict[]>;
  metric: Metric;
  /** Where there is no case. */
  none: string;
  /** How many are not shown. */
  more?: number;
  /** On the page of their suite, which they need not name. */
  inSuite?: boolean;
  /** Of which they are, if not of all. */
  branch?: string | undefined;
}) {
  if (cases.length === 0) return <p className="px-4 py-6 text-sm text-muted">{none}</p>;
  return (
    <>
      <ul className="@container divide-y divide-line text-sm">
        {cases.map((shown) => (
          <li key={shown.id} className="relative flex items-center gap-3 px-4 py-2 hover:bg-hover">
            <span className="min-w-0 flex-1">
              <Link
                to="/cases/$caseId"
                params={{ caseId: shown.id }}
                search={{ branch }}
                className="row-link block truncate font-medium"
                title={shown.title}
              >
                {shown.titlePath.at(-1) ?? shown.title}
              </Link>
              <span className="block truncate text-[0.8125rem] text-muted">{secondLine(shown, metric, inSuite)}</span>
            </span>
            <span className="hidden @md:inline">
              <VerdictStrip verdicts={strips.get(shown.id) ?? []} length={stripLength} />
            </span>
            <span className="min-w-20 shrink-0 text-right whitespace-nowrap tabular-nums">{figure(shown, metric)}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="border-t border-line px-4 py-2 text-[0.8125rem] text-muted">and {more} more</p>}
    </>
  );
}

const isMeasured = (shown: Case | Held): shown is Case => 'runs' in shown;

function secondLine(shown: Case | Held, metric: Metric, inSuite: boolean): string {
  if (metric === 'quarantine') return [shown.quarantine?.owner, shown.quarantine?.reason].filter(Boolean).join(': ');
  const { testName, suiteName, file, project, titlePath } = shown;
  const place = [testName, inSuite ? null : suiteName, file, project, ...titlePath.slice(0, -1)]
    .filter(Boolean)
    .join(' › ');
  const error = metric === 'failing' && isMeasured(shown) ? shown.lastFailure?.error : null;
  return [place, error && stripAnsi(error)].filter(Boolean).join(' · ');
}

function figure(shown: Case | Held, metric: Metric): ReactNode {
  if (metric === 'quarantine')
    return shown.quarantine && <span className="text-muted">until {formatDate(shown.quarantine.expiresAt)}</span>;
  if (!isMeasured(shown)) return null;
  switch (metric) {
    case 'flaky':
      return (
        <span title={`${shown.flaky} of ${shown.runs} runs`}>
          <span className="font-medium text-warn">{formatPercent(shown.flakeRate)}</span>
        </span>
      );
    case 'slow':
      return shown.medianDuration === null ? '–' : formatDuration(shown.medianDuration);
    case 'new':
      return <RelativeTime iso={shown.createdAt} />;
    case 'failing':
      return shown.failingSince && <Since iso={shown.failingSince} />;
  }
}

/** Since when it fails; red if that is since yesterday. */
function Since({ iso }: { iso: string }) {
  const now = useNow(60_000);
  return (
    <span className={now - Date.parse(iso) < dayMs ? 'text-bad' : 'text-muted'}>
      <span className="sr-only">since </span>
      <RelativeTime iso={iso} />
    </span>
  );
}
