import type { ReporterOptions } from './reporter/options.ts';
import { RunlightReporter } from './reporter/reporter.ts';

/** `runlight/reporter`: makes a run of Playwright live in Runlight. Its type needs no Playwright. */
const reporter: new (options?: ReporterOptions) => object = RunlightReporter;

export default reporter;
export type { ReporterOptions };
