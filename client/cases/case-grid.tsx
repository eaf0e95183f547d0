import { keepPreviousData } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { type ShownVerdict, verdictLabel } from '#client/runs/history/verdict-label.ts';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import { Loaded } from '#client/query/loaded.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { formatTime } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { Table } from '#client/ui/table.tsx';
import { isFailure, isSuccess, type RunStatus } from '#shared/run-status.ts';
import { shownVerdict } from './case-verdict.ts';

type Grid = Outputs['cases']['grid'];

const columns = 20;
/** As in `shared/run-cases.ts`, which brings zod along. */
const titleSeparator = ' › ';

/** The cases of a job or of a suite (on a branch) in its last runs. */
export default function CaseGrid({
  of: owner,
}: {
  of: { jobId: string } | { suiteId: string; branch: string | undefined };
}) {
  const input = { ...owner, limit: columns };
  const query = api.cases.grid.useQuery(input, { placeholderData: keepPreviousData });
  const utils = api.useUtils();
  useOnResults(
    (run) => ('jobId' in owner ? run.jobId === owner.jobId : run.suiteId === owner.suiteId),
    () => void utils.cases.grid.invalidate(input),
  );
  return (
    <Section title="Cases in the last runs">
      <Loaded query={query} what="cases">
        {(grid) =>
          grid.items.length === 0 ? (
            <p className="px-4 py-6 text-sm text-muted">After the first run, this shows each case in each run.</p>
          ) : (
            <div className="@container max-h-[36rem] overflow-y-auto">
              <GridTable grid={grid} />
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

function GridTable({ grid: { runs, items, total } }: { grid: Grid }) {
  return (
    <>
      <Table
        label="Cases in the last runs"
        columns={[{ head: 'Case' }, { head: <Runs runs={runs} />, className: 'w-48 max-sm:hidden' }, newest]}
      >
        {items.map((item) => {
          const verdicts = verdictsOf(item.results, runs);
          const [last] = verdicts.filter((verdict) => verdict !== undefined);
          return (
            <tr key={item.caseId} className="relative h-9 hover:bg-hover">
              <td className="py-1 pr-2 pl-4">
                <Link
                  to="/cases/$caseId"
                  params={{ caseId: item.caseId }}
                  className="row-link block truncate"
                  title={[item.testName ?? item.file, item.title].filter(Boolean).join(' › ')}
                >
                  {item.title.split(titleSeparator).at(-1)}
                  <span className="ml-2 text-[0.8125rem] text-muted">{placeOf(item)}</span>
                </Link>
              </td>
              <td className="px-2 max-sm:hidden">
                <VerdictStrip verdicts={verdicts} length={columns} />
              </td>
              <td className="truncate pr-4 pl-2 text-right text-[0.8125rem] text-muted">
                {last && verdictLabel(last)}
              </td>
            </tr>
          );
        })}
      </Table>
      {total > items.length && (
        <p className="border-t border-line px-4 py-2 text-[0.8125rem] text-muted">
          and {(total - items.length).toLocaleString()} more
        </p>
      )}
    </>
  );
}

const newest = { head: 'Newest', className: 'w-32 text-right' };

/** A result for each run, newest first; undefined where the case was not in it. Of a case that was twice in a run: the worse. */
function verdictsOf(results: Grid['items'][number]['results'], runs: Grid['runs']): (ShownVerdict | undefined)[] {
  return runs.map(({ runId, queuedAt }) => {
    const own = results.filter((result) => result.runId === runId);
    const result = own.find(({ status }) => status !== 'passed') ?? own[0];
    return result && shownVerdict({ ...result, attempt: 0, at: queuedAt, error: null });
  });
}

/** The test or file, and the `describe` blocks around a case. */
function placeOf({ testName, file, project, title }: Grid['items'][number]): string {
  const around = title.split(titleSeparator).slice(0, -1);
  return [testName !== title && testName, file, project, ...around].filter(Boolean).join(titleSeparator);
}

/** Links to the runs, above their columns. */
function Runs({ runs }: { runs: Grid['runs'] }) {
  return (
    <span className="flex gap-0.5">
      {Array.from({ length: columns }, (_, place) => {
        const run = runs[columns - 1 - place];
        if (!run) return <span key={place} className="w-1.5" />;
        const text = `Run of ${formatTime(run.queuedAt)}: ${verdictLabel(run).toLowerCase()}`;
        return (
          <Link
            key={place}
            to="/runs/$runId"
            params={{ runId: run.runId }}
            aria-label={text}
            title={text}
            className={`h-6 w-1.5 rounded-xs ${runClass(run.status)}`}
          />
        );
      })}
    </span>
  );
}

function runClass(status: RunStatus): string {
  if (isFailure(status)) return 'bg-bad-line';
  return isSuccess(status) ? 'bg-good-line' : 'bg-line-strong';
}
