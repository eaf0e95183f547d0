import type { Database } from '#server/db/database.ts';
import { scheduleOf } from './cron.ts';

/** More schedules than a project has. */
const mostSchedules = 1_000;

/** The next starts of the project's schedules, one of each job, the soonest first. */
export async function findNextStarts(db: Database, projectId: string, most: number) {
  const jobs = await db
    .selectFrom('jobs')
    .select(['id', 'name', 'schedule', 'timezone', 'enabled'])
    .where('projectId', '=', projectId)
    .where('schedule', 'is not', null)
    .where('enabled', '=', true)
    .where('archivedAt', 'is', null)
    .limit(mostSchedules)
    .execute();
  return jobs
    .flatMap((job) => {
      const { nextRunAt, scheduleText } = scheduleOf(job);
      return nextRunAt === null ? [] : [{ jobId: job.id, name: job.name, at: nextRunAt, scheduleText }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, most);
}
