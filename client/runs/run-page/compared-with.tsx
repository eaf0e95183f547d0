import { api, type Outputs } from '#client/query/trpc.ts';
import { shortSha } from '#client/runs/status/short-sha.ts';
import { statusLook } from '#client/runs/status/status-look.ts';
import { formatTime } from '#client/ui/format.ts';
import { comparableStatuses } from '#shared/run-status.ts';
import type { RunSummary } from '#shared/events.ts';

/** Runs that the list offers. */
const offered = 100;

/** Chooses the run that another one is compared with, among the last ones of the same. Undefined: what the server chooses. */
export function ComparedWith({
  run,
  previous,
  chosen,
  usual,
  onChoose,
}: {
  run: Outputs['runs']['byId'];
  previous: RunSummary | null;
  chosen: string | undefined;
  /** What is compared with without a choice. */
  usual: string;
  onChoose: (runId: string | undefined) => void;
}) {
  const { testId, jobId, suiteId } = run;
  const of = suiteId !== null ? { suiteId } : testId !== null ? { testId } : { jobId: jobId! };
  const { data } = api.runs.list.useQuery({ ...of, status: [...comparableStatuses], limit: offered });
  const runs = (data?.items ?? []).filter((it) => it.id !== run.id && !it.partial);
  // One that the address names may be older than these.
  const known = previous && chosen !== undefined && !runs.some(({ id }) => id === chosen) ? [previous, ...runs] : runs;
  return (
    <label className="flex min-w-0 flex-wrap items-center gap-2">
      Compared with
      <select
        value={chosen ?? ''}
        onChange={(event) => onChoose(event.target.value || undefined)}
        className="control min-h-9 w-auto max-w-full min-w-0 py-1 text-sm"
      >
        <option value="">{usual}</option>
        {known.map((it) => (
          <option key={it.id} value={it.id}>
            {textOf(it)}
          </option>
        ))}
      </select>
    </label>
  );
}

const textOf = ({ branch, commitSha, status, queuedAt }: RunSummary) =>
  [branch, commitSha && shortSha(commitSha), statusLook[status].label, formatTime(queuedAt)]
    .filter(Boolean)
    .join(' · ');
