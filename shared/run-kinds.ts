/** A run executes one test or the tests of a job. */
export const runKinds = ['test', 'job'] as const;

/** Ways to start a run. */
export const runTriggers = ['manual', 'schedule', 'api', 'cli', 'retry'] as const;
