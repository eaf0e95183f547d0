import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, type Outputs } from '#client/query/trpc.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { useDebounced } from '#client/ui/use-debounced.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';

export interface CaseStrip {
  /** The case's identity over runs. */
  caseId: string;
  /** Of the last results, the newest first. */
  kinds: readonly CaseKind[];
  /** Milliseconds. */
  medianDuration: number | null;
}

/** By index in the run. */
type Strips = ReadonlyMap<number, CaseStrip | null>;

const none: Strips = new Map();
/** As many as the server answers at once. */
const most = 200;

/** The last results of the cases on screen, fetched once the list stands still. Guests see none. */
export function useStrips(runId: string, onScreen: readonly number[]): Strips {
  const queryClient = useQueryClient();
  const utils = api.useUtils();
  const queryKey = ['case-strips', runId];
  const strips = useQuery<Strips>({ queryKey, queryFn: skipToken, structuralSharing: false }).data ?? none;
  const isGuest = useIsGuest();
  const settled = useDebounced(onScreen.join(), 150);

  useEffect(() => {
    const change = (entries: [number, CaseStrip | null][]) => {
      queryClient.setQueryDefaults(queryKey, { structuralSharing: false });
      queryClient.setQueryData<Strips>(queryKey, (known) => new Map([...(known ?? none), ...entries]));
    };
    const known = queryClient.getQueryData<Strips>(queryKey) ?? none;
    const indexes = settled.split(',').flatMap((text) => (text === '' || known.has(Number(text)) ? [] : Number(text)));
    const wanted = indexes.slice(0, most);
    if (wanted.length === 0 || isGuest) return;
    // Not asked for twice; without an answer there is no strip.
    change(wanted.map((index) => [index, null]));
    void utils.client.cases.stripsOfRun.query({ runId, indexes: wanted }).then(
      ({ items }) =>
        change(
          items.map(({ index, caseId, verdicts, medianDuration }) => [
            index,
            { caseId, medianDuration, kinds: verdicts.map(toKind).filter(isResult) },
          ]),
        ),
      () => {},
    );
    // oxlint-disable-next-line react/exhaustive-deps
  }, [settled, runId]);

  return strips;
}

type Verdict = Pick<
  Outputs['cases']['stripsOfRun']['items'][number]['verdicts'][number],
  'status' | 'flaky' | 'quarantined' | 'duration'
>;

const toKind = ({ status, flaky, quarantined, duration }: Verdict): CaseKind =>
  kindOf([0, status, 0, duration, `${flaky ? 'f' : ''}${quarantined ? 'q' : ''}`]);

const isResult = (kind: CaseKind) => kind !== 'running' && kind !== 'waiting' && kind !== 'not_run';
