import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { InputOf } from '#sdk/client/procedures.ts';

export type ReportsApi = Runlight['reports'];
export type BeginInput = InputOf<ReportsApi['begin']>;
export type FinishInput = InputOf<ReportsApi['finish']>;

/** Which part of which run this process reports. */
export interface ReportedPart {
  runId: string;
  part: number;
  session: string;
}
