import type { Database } from '#server/db/database.ts';
import type { Hub } from '#server/live/hub.ts';
import { router } from '#server/trpc/procedure.ts';
import { createPassRateRouter } from './router.ts';
import { createVerdictsRouter } from './verdicts-router.ts';

export type ExampleRouter = ReturnType<typeof createExampleRouter>;

/** The examples, which are not part of Runlight, as Runlight's own procedures would stand. */
export const createExampleRouter = (services: { db: Database; hub: Hub }) =>
  router({ tests: createPassRateRouter(services), verdicts: createVerdictsRouter(services) });
