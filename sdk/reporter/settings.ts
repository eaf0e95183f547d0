import os from 'node:os';
import { createRunlight, type Runlight } from '#sdk/client/create-runlight.ts';
import { type Settings as ClientSettings, readOptions } from '#sdk/client/options.ts';
import type { Variables } from './ci/build.ts';
import type { ReporterOptions } from './options.ts';
import { suiteNameOf } from './suite-name.ts';

export interface Settings {
  runlight: Runlight;
  /** For requests that are no calls of a procedure. */
  client: ClientSettings;
  suite: string;
  buildId: string | undefined;
  sendsReport: boolean;
  catchUpMs: number;
  /** The folder of Playwright's configuration. */
  dir: string;
  executor: string;
  /** Of the package. */
  version: string;
}

/** Of one call: the reporter itself tries again. */
const callTimeoutMs = 15_000;

/** Throws a `RunlightError` that says what is missing. `dir`: the folder of Playwright's configuration. */
export function readSettings(options: ReporterOptions, env: Variables, dir: string): Settings {
  const url = env['RUNLIGHT_URL'] || options.url;
  const token = env['RUNLIGHT_TOKEN'] || options.token;
  const client = {
    url,
    token,
    project: options.project,
    retries: false,
    timeoutMs: callTimeoutMs,
    outageTimeoutMs: Infinity,
  };
  const report = env['RUNLIGHT_REPORT'];
  return {
    runlight: createRunlight(client),
    client: readOptions(client),
    suite: env['RUNLIGHT_SUITE'] || options.suite || suiteNameOf(dir),
    buildId: env['RUNLIGHT_BUILD_ID'] || options.buildId || undefined,
    sendsReport: report ? report !== '0' && report !== 'false' : options.report === true,
    catchUpMs: 1_000 * Math.max(0, Number(options.catchUpSeconds ?? 30) || 0),
    dir,
    executor: os.hostname(),
    // Put in by scripts/build-package.js.
    version: (globalThis as { RUNLIGHT_VERSION?: string }).RUNLIGHT_VERSION ?? 'source',
  };
}
