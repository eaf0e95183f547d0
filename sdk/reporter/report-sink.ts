import type { ReportEntry } from '#shared/reports.ts';
import { reportLimits } from '#shared/report-limits.ts';
import type { FinishInput } from './reports-api.ts';

export type Ending = FinishInput['status'];

/** Steps and output beyond this number of entries are left out, so that results of cases have room. */
export const mostOfDetail = reportLimits.entries - 100_000;
export const endedEarly = 'The process of Playwright has ended early, for example by process.exit().';

/** Takes a report: Runlight over HTTP, or the worker that runs the suite. Nothing that it does throws. */
export interface ReportSink {
  add(entry: ReportEntry): void;
  upload(file: ReportFile): void;
  /** Delivers what is missing, within the time for that, and ends the part. `report`: file of the HTML report. */
  end(status: Ending, report: string | null): Promise<void>;
}

export interface ReportFile {
  /** In the address: relative to the part, with forward slashes. */
  file: string;
  /** What people call it. */
  name: string;
  contentType: string;
  /** A file, or the content. */
  source: string | Buffer;
  /** Added to the report once the file is there. */
  entry?: ReportEntry;
}
