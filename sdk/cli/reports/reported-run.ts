import { fileInRepository } from '#shared/run-export/exported-run.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { type CaseView, isFailing, type RunModel } from '#sdk/cli/model/run-model.ts';

/** A run that is over, for reports. */
export interface ReportedRun {
  run: Run;
  model: RunModel;
  /** Of Runlight. */
  url: string;
  testDir: string | undefined;
}

/** What makes the run fail, then what else a reader should know: flaky, in quarantine, interrupted. */
export function notableCases({ model }: ReportedRun): { failing: CaseView[]; others: CaseView[] } {
  const views = [...model.notable.values()];
  return { failing: views.filter(isFailing), others: views.filter((view) => !isFailing(view)) };
}

/** The file of a case as the repository names it; undefined for a script of Runlight's editor. */
export function fileOf({ file, hasFile }: Pick<CaseView, 'file' | 'hasFile'>, report: ReportedRun): string | undefined {
  return hasFile ? fileInRepository(file, report) : undefined;
}
