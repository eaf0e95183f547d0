import { QueryClient } from '@tanstack/react-query';
import type { ApiError } from './api-error.ts';

/** The only store of server data. Retries queries that may succeed the next time, not ones that the server refused. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // A browser that believes it is offline may still reach a server on its own machine or network. And a click must
      // fail visibly instead of taking effect whenever the network is back.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 2_000,
        retry: (failures, error) => failures < 2 && !isRefusal(error),
      },
    },
  });
}

/** True if the server refused the request (4xx): a retry would get the same answer. */
function isRefusal(error: unknown): boolean {
  const status = (error as Partial<ApiError>).data?.httpStatus;
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}
