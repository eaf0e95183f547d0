import path from 'node:path';
import type { RunSummary, TestError } from '#shared/events.ts';
import type { CaseAnnotation, PartState } from '#shared/run-cases.ts';
import type { TestStatus } from '#shared/run-status.ts';

/** A run that is over, as reports need it. */
export interface ExportedRun {
  run: RunSummary & { parts: readonly Pick<PartState, 'part' | 'executor'>[] };
  /** Of Runlight. */
  url: string;
  /** Where the suite's tests stand in the repository, for the names of files. */
  testDir?: string | undefined;
}

/** A case with its result. */
export interface ExportedCase {
  index: number;
  part: number;
  position: number | null;
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Relative to Playwright's `rootDir`; empty for a script. */
  file: string;
  /** Name of the script. */
  script: string | null;
  title: string;
  line: number | null;
  status: TestStatus;
  flaky: boolean;
  quarantined: boolean;
  /** Ms; null for a case that did not run. */
  duration: number | null;
  annotations: readonly CaseAnnotation[];
  /** Of the last attempt. */
  errors: readonly TestError[];
  /** Of the failed attempts before. */
  earlier: readonly TestError[];
}

/** The file of a case as the repository names it. */
export function fileInRepository(file: string, { testDir }: Pick<ExportedRun, 'testDir'>): string {
  return path.posix.join(testDir?.replaceAll('\\', '/') ?? '', file.replaceAll('\\', '/'));
}
