import { createAccountRouter } from '#server/account/router.ts';
import { createActivityRouter } from '#server/activity/router.ts';
import { createAuditRouter } from '#server/audit/router.ts';
import { createBadgesRouter } from '#server/badges/router.ts';
import { createCasesRouter } from '#server/cases/router.ts';
import { createJobsRouter } from '#server/jobs/router.ts';
import { createKeysRouter } from '#server/keys/router.ts';
import { createMembersRouter } from '#server/members/router.ts';
import { createNotificationsRouter } from '#server/notifications/router.ts';
import { createOrganizationsRouter } from '#server/organizations/router.ts';
import { createOverviewRouter } from '#server/overview/router.ts';
import { createProjectsRouter } from '#server/projects/router.ts';
import { createQueueRouter } from '#server/queue/router.ts';
import { createReportsRouter } from '#server/reports/router.ts';
import { createRunsRouter } from '#server/runs/router.ts';
import { createShareLinksRouter } from '#server/share-links/router.ts';
import { createSnapshotsRouter } from '#server/snapshots/router.ts';
import { createSuitesRouter } from '#server/suites/router.ts';
import { createTestsRouter } from '#server/tests/router.ts';
import { router } from '#server/trpc/procedure.ts';
import { createVariablesRouter } from '#server/variables/router.ts';
import { createWorkersRouter } from '#server/workers/router.ts';

type Needs<Create extends (services: never) => unknown> = Parameters<Create>[0];

/** What the procedures need of the process: each feature's router says what it takes of it. */
export type RouterServices = Needs<typeof createJobsRouter> &
  Needs<typeof createNotificationsRouter> &
  Needs<typeof createQueueRouter> &
  Needs<typeof createReportsRouter> &
  Needs<typeof createRunsRouter> &
  Needs<typeof createSnapshotsRouter> &
  Needs<typeof createSuitesRouter> &
  Needs<typeof createTestsRouter> &
  Needs<typeof createVariablesRouter>;

export type AppRouter = ReturnType<typeof createAppRouter>;

/** Everything under `/api/trpc`. */
export function createAppRouter(services: RouterServices) {
  return router({
    tests: createTestsRouter(services),
    jobs: createJobsRouter(services),
    runs: createRunsRouter(services),
    suites: createSuitesRouter(services),
    shareLinks: createShareLinksRouter(services),
    badges: createBadgesRouter(services),
    reports: createReportsRouter(services),
    cases: createCasesRouter(services),
    overview: createOverviewRouter(services),
    snapshots: createSnapshotsRouter(services),
    queue: createQueueRouter(services),
    workers: createWorkersRouter(services),
    variables: createVariablesRouter(services),
    notifications: createNotificationsRouter(services),
    activity: createActivityRouter(services),
    account: createAccountRouter(services),
    members: createMembersRouter(services),
    keys: createKeysRouter(services),
    projects: createProjectsRouter(services),
    organizations: createOrganizationsRouter(services),
    audit: createAuditRouter(services),
  });
}
