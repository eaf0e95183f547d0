import { createHash } from 'node:crypto';
import { errorLines } from '#shared/run-export/error-text.ts';
import { fileOf, notableCases, type ReportedRun } from './reported-run.ts';

/** GitLab's code quality report: an entry for each failed case, and a minor one for each that is flaky or in quarantine. */
export function codeQualityReport(report: ReportedRun): string {
  const { failing, others } = notableCases(report);
  const views = [...failing, ...others.filter(({ status }) => status !== 'interrupted')];
  const entries = views.map((view) => {
    const isFailing = failing.includes(view);
    const path = fileOf(view, report) ?? view.file;
    const error = view.errors[0] ?? view.earlier[0];
    const what = isFailing ? 'failed' : view.flaky ? 'is flaky' : 'failed in quarantine';
    // The same for the same case in every run, so that GitLab can say what is new and what is fixed.
    const fingerprint = createHash('sha256').update(JSON.stringify([view.project, path, view.title, what]));
    return {
      description: [`${view.name} ${what}`, ...(error ? errorLines(error).slice(0, 20) : [])].join('\n'),
      check_name: 'runlight',
      fingerprint: fingerprint.digest('hex'),
      severity: isFailing ? 'major' : 'minor',
      location: { path, lines: { begin: error?.line ?? view.line ?? 1 } },
    };
  });
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
