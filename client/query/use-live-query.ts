import { useQueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import type { InferQueryLikeData, InferQueryLikeInput } from '@trpc/react-query/shared';
import { usePollingInterval } from '#client/live/use-connection.ts';
import type { Query } from './loaded.tsx';

/** A query of the API, such as `api.workers.list`. */
type QueryProcedure = Parameters<typeof getQueryKey>[0] & { useQuery(input: never, options: never): unknown };

/** A subscription that brings what the query answers, such as `api.workers.onPresence`. */
interface SubscriptionProcedure<Input, Data> {
  useSubscription(
    input: Input,
    options: { onData(event: { id: string; data: Data }): void },
  ): { status: string; reset(): void };
}

/** Without its types, which ask for the input of a procedure that is known. */
const keyOf = getQueryKey as unknown as (
  procedure: QueryProcedure,
  input: unknown,
  type: 'query',
) => readonly unknown[];

export interface LiveQueryOptions<Input, Data> {
  /** For both the query and the subscription. */
  input?: Input;
  /** Where the data has a version: true if `data` is newer than `known`. Otherwise each event is newer than the last. */
  isNewer?(data: Data, known: Data): boolean;
}

/**
 * A query that a subscription keeps current in the cache; while no stream gets through, it is asked again every few
 * seconds. `lost`: the server refused the stream; `reconnect` tries again.
 */
export function useLiveQuery<Procedure extends QueryProcedure>(
  procedure: Procedure,
  subscription: SubscriptionProcedure<InferQueryLikeInput<Procedure>, InferQueryLikeData<Procedure>>,
  { input, isNewer }: LiveQueryOptions<InferQueryLikeInput<Procedure>, InferQueryLikeData<Procedure>> = {},
): { query: Query<InferQueryLikeData<Procedure>>; lost: boolean; reconnect: () => void } {
  type Data = InferQueryLikeData<Procedure>;
  const queryClient = useQueryClient();
  const queryKey = keyOf(procedure, input, 'query');
  // Both hooks belong to procedures, which callers name where they stand: they never change between renders.
  // oxlint-disable-next-line react/hooks
  const stream = subscription.useSubscription((input ?? {}) as InferQueryLikeInput<Procedure>, {
    onData({ data }) {
      const known = queryClient.getQueryData<Data>(queryKey);
      if (known !== undefined && isNewer && !isNewer(data, known)) return;
      // An answer that is still on its way may be older.
      void queryClient.cancelQueries({ queryKey, exact: true });
      queryClient.setQueryData(queryKey, data);
    },
  });
  const { useQuery } = procedure as unknown as { useQuery(input: unknown, options: object): Query<Data> };
  // oxlint-disable-next-line react/hooks
  const query = useQuery(input, { staleTime: Infinity, refetchInterval: usePollingInterval() });
  return { query, lost: stream.status === 'error', reconnect: stream.reset };
}
