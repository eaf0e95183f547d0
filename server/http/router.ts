import { accountRouter } from '#server/account/router.ts';
import { activityRouter } from '#server/activity/router.ts';
import { auditRouter } from '#server/audit/router.ts';
import { jobsRouter } from '#server/jobs/router.ts';
import { keysRouter } from '#server/keys/router.ts';
import { membersRouter } from '#server/members/router.ts';
import { organizationsRouter } from '#server/organizations/router.ts';
import { projectsRouter } from '#server/projects/router.ts';
import { queueRouter } from '#server/queue/router.ts';
import { runsRouter } from '#server/runs/router.ts';
import { testsRouter } from '#server/tests/router.ts';
import { router } from '#server/trpc/procedure.ts';
import { variablesRouter } from '#server/variables/router.ts';
import { workersRouter } from '#server/workers/router.ts';

export const appRouter = router({
  tests: testsRouter,
  jobs: jobsRouter,
  runs: runsRouter,
  queue: queueRouter,
  workers: workersRouter,
  variables: variablesRouter,
  activity: activityRouter,
  account: accountRouter,
  members: membersRouter,
  keys: keysRouter,
  projects: projectsRouter,
  organizations: organizationsRouter,
  audit: auditRouter,
});

export type AppRouter = typeof appRouter;
