import type { AdvancedOptions } from 'bullmq';
import { openQueue, openWorker, type QueueBackend } from '#server/queue/backend.ts';
import type { Logger } from '#server/lib/logger.ts';
import { nextTimes } from './next-times.ts';

interface Tick {
  jobId: string;
}

/** When a job starts by itself. */
export interface Schedule {
  jobId: string;
  /** Cron, five fields or six with seconds. */
  schedule: string;
  /** IANA name. */
  timezone: string;
}

const queueName = 'schedules';

/** The queue asks us when a schedule is due next, so that it does what pages say. */
const settings: AdvancedOptions = {
  repeatStrategy: (after, { pattern = '', tz = 'UTC' }) => nextTimes(pattern, tz, { after, count: 1 })[0],
};

export interface Schedules extends AsyncDisposable {
  /** Starts, changes or (null) ends the schedule of a job. */
  set(jobId: string, schedule: Omit<Schedule, 'jobId'> | null): Promise<void>;
  /** Those in force. */
  list(): Promise<Schedule[]>;
  /** Makes the schedules exactly these; what is right already is not touched. */
  reconcile(wanted: readonly Schedule[]): Promise<void>;
}

/** Resolves when the backend is reachable. Every schedule is a BullMQ job scheduler named by its job's id. */
export async function createSchedules(options: { backend: QueueBackend; logger: Logger }): Promise<Schedules> {
  const { queue, close } = openQueue(options.backend, queueName, options.logger, { settings });
  await queue.waitUntilReady().catch(async (error: unknown) => {
    await close();
    throw error;
  });

  async function set(jobId: string, wanted: Omit<Schedule, 'jobId'> | null) {
    if (!wanted) {
      await queue.removeJobScheduler(jobId);
      return;
    }
    await queue.upsertJobScheduler(
      jobId,
      { pattern: wanted.schedule, tz: wanted.timezone },
      {
        name: 'tick',
        data: { jobId } satisfies Tick,
        // A tick that finds the queue full or the database away is tried again for a while.
        opts: { attempts: 5, backoff: { type: 'fixed', delay: 10_000 }, removeOnComplete: true, removeOnFail: true },
      },
    );
  }

  async function list(): Promise<Schedule[]> {
    const schedulers = await queue.getJobSchedulers(0, -1);
    return schedulers.map(({ key, pattern = '', tz = '' }) => ({ jobId: key, schedule: pattern, timezone: tz }));
  }

  return {
    set,
    list,
    async reconcile(wanted) {
      const present = new Map((await list()).map((schedule) => [schedule.jobId, schedule]));
      for (const { jobId, ...schedule } of wanted) {
        const there = present.get(jobId);
        present.delete(jobId);
        if (there?.schedule !== schedule.schedule || there.timezone !== schedule.timezone) await set(jobId, schedule);
      }
      for (const jobId of present.keys()) await set(jobId, null);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Calls `onTick` when a job is due. `dueAt` is when the schedule wanted it (ms since 1970), and the same in every repetition. */
export async function createScheduleConsumer(options: {
  backend: QueueBackend;
  onTick(tick: { jobId: string; dueAt: number }): Promise<void>;
  logger: Logger;
}): Promise<AsyncDisposable> {
  const { backend, onTick, logger } = options;
  const { worker, close } = openWorker<Tick>(
    backend,
    queueName,
    logger,
    ({ data, scheduledAt }) => onTick({ jobId: data.jobId, dueAt: scheduledAt ?? Date.now() }),
    { settings },
  );
  worker.on('failed', (entry, error) =>
    logger.warn({ err: error, jobId: entry?.data.jobId }, 'a scheduled start failed'),
  );
  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => logger.warn({ err: error }, 'schedules stopped'));
  return { [Symbol.asyncDispose]: close };
}
