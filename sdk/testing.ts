/** `runlight/testing`: for integration tests. */
export { collect, type CollectOptions } from './testing/collect.ts';
export { waitForRun, type Run, type RunStatus, type WaitOptions } from './testing/wait-for-run.ts';
export { withRunlight, type OwnRunlight, type OwnRunlightOptions } from './testing/with-runlight.ts';
