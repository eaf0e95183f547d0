/** What a run runs: one test, or a job's tests. */
export const runKinds = ['test', 'job'] as const;

/** Who or what started a run. */
export const runTriggers = ['manual', 'schedule', 'api', 'cli', 'retry'] as const;
