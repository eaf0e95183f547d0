import type { ReportRefusal } from '#shared/reports.ts';

/** Options of an AppError that tell a reporter, in the error's `data.report`, how to go on. */
export function refusal(report: ReportRefusal): { data: { report: ReportRefusal } } {
  return { data: { report } };
}
