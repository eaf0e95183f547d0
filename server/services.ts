import type { AttemptLog } from '#server/audit/attempt-log.ts';
import type { Bus } from '#server/bus/bus.ts';
import type { Hub } from '#server/live/hub.ts';
import type { Reads } from './reads.ts';
import type { RunStarter } from '#server/runs/start-run.ts';
import type { Capacities } from '#server/queue/stats.ts';
import type { Schedules } from '#server/queue/schedules.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import type { Logger } from 'pino';

/** What procedures and workers of one process work with; `main.ts` opens and closes it. */
export interface Services extends RunStarter {
  bus: Bus;
  hub: Hub;
  reads: Reads;
  schedules: Schedules;
  capacities: Capacities;
  secretBox: SecretBox;
  attempts: AttemptLog;
  logger: Logger;
}
