import { lazy, Suspense, useState } from 'react';
import { api } from '#client/query/trpc.ts';
import type { RunSearch } from './run-filter.ts';
import { kindNames, sourceClass, sourceLabel, SourceName, type RunSource } from './run-source.tsx';

const SourcePicker = lazy(() => import('./source-picker.tsx'));

/** Filters runs by test, job or suite. The picker is loaded at the first click. */
export function SourceFilter({
  search,
  onChange,
}: {
  search: RunSearch;
  onChange: (change: Pick<RunSearch, 'kind' | 'test' | 'job' | 'suite'>) => void;
}) {
  const [wanted, setWanted] = useState(false);
  const chosen = useSource(search);
  const button = (
    <button
      type="button"
      aria-haspopup="dialog"
      aria-label={sourceLabel(chosen)}
      aria-busy={wanted || undefined}
      className={sourceClass}
      onClick={() => setWanted(true)}
    >
      <SourceName source={chosen} />
    </button>
  );
  return (
    <div className="w-full min-w-0 sm:w-48">
      {wanted ? (
        <Suspense fallback={button}>
          <SourcePicker
            chosen={chosen}
            onChange={(source) =>
              onChange({
                kind: source?.id === null ? source.kind : undefined,
                test: source?.kind === 'test' ? (source.id ?? undefined) : undefined,
                job: source?.kind === 'job' ? (source.id ?? undefined) : undefined,
                suite: source?.kind === 'suite' ? (source.id ?? undefined) : undefined,
              })
            }
          />
        </Suspense>
      ) : (
        button
      )}
    </div>
  );
}

/** The source in the page's address, with its name from the server. */
function useSource({ test: testId, job: jobId, suite: suiteId, kind }: RunSearch): RunSource | null {
  const test = api.tests.byId.useQuery({ testId: testId ?? '' }, { enabled: testId !== undefined });
  const job = api.jobs.byId.useQuery({ jobId: jobId ?? '' }, { enabled: testId === undefined && jobId !== undefined });
  const suite = api.suites.byId.useQuery(
    { suiteId: suiteId ?? '' },
    { enabled: testId === undefined && jobId === undefined && suiteId !== undefined },
  );
  if (testId) return { kind: 'test', id: testId, name: test.data?.name ?? 'One test' };
  if (jobId) return { kind: 'job', id: jobId, name: job.data?.name ?? 'One job' };
  if (suiteId) return { kind: 'suite', id: suiteId, name: suite.data?.name ?? 'One suite' };
  return kind ? { kind, id: null, name: kindNames[kind] } : null;
}
