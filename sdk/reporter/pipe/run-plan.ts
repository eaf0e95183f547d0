import { createRequire } from 'node:module';
import path from 'node:path';
import type { Suite, TestCase } from '@playwright/test/reporter';
import type { Plan } from '#shared/playwright/keep-chosen.ts';
import { setupSuites } from './setup-suites.ts';

/** Called for each project that runs for its own sake, and not for others that depend on it. */
export type OnProject = (project: Suite, plan: Plan) => void;

/** The part of Playwright's own class that versions before 1.62 share. */
interface InternalSuite extends Suite {
  _type: string;
  _parallelMode: 'none' | 'default' | 'serial' | 'parallel';
  _entries: (InternalSuite | TestCase)[];
  /** Of a suite of a project that is going to run. */
  _fullProject?: unknown;
  _addSuite(suite: InternalSuite): void;
}
type SuiteClass = { prototype: InternalSuite };

const suiteModule = /[\\/]playwright[\\/]lib[\\/]common[\\/](?:test|index)\.js$/;

/**
 * Changes what Playwright is going to run. Since 1.62, Playwright asks reporters before it plans a run (`preprocess`). In earlier
 * versions, which do not change any more, this takes part when Playwright puts the suites of projects together. Throws if it
 * cannot. To be called before the suite is loaded.
 */
export function changePlan({ version }: { version: string }, onProject: OnProject): void {
  if (hasPreprocess(version)) return;
  const classes = suiteClasses();
  if (classes.length === 0) throw new Error(`Playwright ${version} does not let cases be chosen.`);
  for (const { prototype } of classes) {
    const addSuite = prototype._addSuite;
    // Projects that others depend on are added in another way.
    prototype._addSuite = function (this: InternalSuite, suite) {
      addSuite.call(this, suite);
      if (this._type === 'root' && suite._fullProject) onProject(suite, internalPlan);
    };
  }
}

/** The same, for Playwright's `preprocess`. */
export function preprocess({ suite, testRun }: { suite: Suite; testRun: Plan }, onProject: OnProject): void {
  const isSetup = setupSuites(suite);
  for (const project of suite.suites) if (!isSetup.has(project)) onProject(project, testRun);
}

const internalPlan: Plan = {
  mode(suite) {
    for (let at: InternalSuite | undefined = suite as InternalSuite; at; at = at.parent as InternalSuite | undefined)
      if (at._parallelMode !== 'none') return at._parallelMode;
    return 'default';
  },
  exclude(target) {
    const { _entries: entries } = target.parent as InternalSuite;
    entries.splice(entries.indexOf(target as InternalSuite | TestCase), 1);
  },
};

function hasPreprocess(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || minor >= 62;
}

/** Of each Playwright that this process has loaded. */
function suiteClasses(): SuiteClass[] {
  const { cache } = createRequire(path.join(globalThis.process.cwd(), 'any.js'));
  return Object.entries(cache).flatMap(([file, module]) => {
    if (!suiteModule.test(file)) return [];
    const exported = module?.exports as { Suite?: SuiteClass; test?: { Suite?: SuiteClass } };
    return exported.Suite ?? exported.test?.Suite ?? [];
  });
}
