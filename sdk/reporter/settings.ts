import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRunlight, type Runlight } from '#sdk/client/create-runlight.ts';
import { type Settings as ClientSettings, readOptions } from '#sdk/client/options.ts';
import type { Variables } from './ci/build.ts';
import type { ReporterOptions } from './options.ts';

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
    suite: env['RUNLIGHT_SUITE'] || options.suite || nameOfPackage(dir) || path.basename(dir) || 'suite',
    buildId: env['RUNLIGHT_BUILD_ID'] || options.buildId || undefined,
    sendsReport: report ? report !== '0' && report !== 'false' : options.report === true,
    catchUpMs: 1_000 * Math.max(0, Number(options.catchUpSeconds ?? 30) || 0),
    dir,
    executor: os.hostname(),
    // Put in by scripts/build-package.js.
    version: (globalThis as { RUNLIGHT_VERSION?: string }).RUNLIGHT_VERSION ?? 'source',
  };
}

/** The name in the nearest package.json that has one. */
function nameOfPackage(dir: string): string | undefined {
  for (let folder = path.resolve(dir); ; folder = path.dirname(folder)) {
    try {
      const { name } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name?: unknown };
      if (typeof name === 'string' && name !== '') return name;
    } catch {
      // There is none here, or it is not JSON.
    }
    if (folder === path.dirname(folder)) return undefined;
  }
}
