import type { z } from 'zod';
import type { BegunReport, ReportCommands, reportInputs } from '#shared/reports.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { Mutation, Subscription } from '#sdk/client/procedures.ts';

type Inputs = { [Name in keyof typeof reportInputs]: z.input<(typeof reportInputs)[Name]> };

export type BeginInput = Inputs['begin'];
export type FinishInput = Inputs['finish'];

/** Which part of which run this process reports. */
export interface ReportedPart {
  runId: string;
  part: number;
  session: string;
}

export interface ReportsApi {
  begin: Mutation<BeginInput, BegunReport>;
  append: Mutation<Inputs['append'], { acknowledged: number }>;
  finish: Mutation<FinishInput, unknown>;
  onCommands: Subscription<Inputs['onCommands'], { data: ReportCommands }>;
}

export function reportsOf(runlight: Runlight): ReportsApi {
  return (runlight as unknown as { reports: ReportsApi }).reports;
}
