/** A run executes one test, the tests of a job, or a suite. */
export const runKinds = ['test', 'job', 'suite'] as const;

/** `worker`: executed here. `reporter`: executed elsewhere, and reported while it goes on. */
export const runOrigins = ['worker', 'reporter'] as const;

/** Ways to start a run. `ci` and `cli`: a reported run of a build, and of a laptop. */
export const runTriggers = ['manual', 'schedule', 'api', 'cli', 'retry', 'ci'] as const;
