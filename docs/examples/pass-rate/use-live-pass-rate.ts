import { createTRPCReact } from '@trpc/react-query';
import { useLiveQuery } from '#client/query/use-live-query.ts';
import type { ExampleRouter } from './example-router.ts';

const api = createTRPCReact<ExampleRouter>();

/** How many of a test's last runs have passed, as it changes. */
export function useLivePassRate(testId: string) {
  return useLiveQuery(api.tests.passRate, api.tests.onPassRate, { input: { testId } });
}
