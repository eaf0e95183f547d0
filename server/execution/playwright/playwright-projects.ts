import { isDeepStrictEqual } from 'node:util';
import { devices, type PlaywrightTestConfig } from '@playwright/test';
import { projectNameOf, type TestSettings } from '#shared/test-settings.ts';

type Project = NonNullable<PlaywrightTestConfig['projects']>[number];

/** A project of Playwright's configuration, for scripts with the same settings. */
export interface ScriptsProject extends Project {
  name: string;
  /** Of its scripts in the run. */
  positions: number[];
}

/**
 * Playwright's projects of a run. Playwright runs them one after the other, so scripts with the same settings share one only
 * where they are neighbours: scripts run in their order.
 */
export function playwrightProjects(
  tests: readonly { settings: TestSettings }[],
  defaults: NonNullable<Project['use']>,
): ScriptsProject[] {
  const projects: ScriptsProject[] = [];
  let previous: TestSettings | undefined;
  for (const [position, { settings }] of tests.entries()) {
    if (!isDeepStrictEqual(settings, previous)) projects.push(projectOf(settings, defaults));
    projects.at(-1)!.positions.push(position);
    previous = settings;
  }
  return projects;
}

function projectOf(settings: TestSettings, defaults: NonNullable<Project['use']>): ScriptsProject {
  const { device, use, name: _, ...rest } = settings;
  return {
    // A script runs in one process unless its settings say otherwise.
    workers: 1,
    ...rest,
    name: projectNameOf(settings),
    use: { ...defaults, ...(device !== undefined && devices[device]), ...use },
    positions: [],
  };
}
