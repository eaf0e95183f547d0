/** Limits of one run: over all of its processes, unless the field says otherwise. */
export interface RunLimits {
  /** Memory that is not backed by files. */
  memoryBytes: number;
  /** V8 heap of each process. */
  heapMb: number;
  processes: number;
  cpuSeconds: number;
  /** Includes deleted files that are still open. */
  diskBytes: number;
  /** Size of each file. */
  fileBytes: number;
  /** Open files of each process. */
  openFiles: number;
  /** Output beyond this is not shown. */
  shownOutputBytes: number;
  /** Output beyond this ends the run. */
  outputBytes: number;
  /** Size of the stored artifacts; the report and the log are stored first. */
  artifactBytes: number;
  /** Cases: Playwright's tests, in each of its projects. */
  cases: number;
  /** Steps beyond this are not shown. */
  shownSteps: number;
}

export const defaultLimits: RunLimits = {
  memoryBytes: 4_000_000_000,
  heapMb: 1_024,
  processes: 256,
  cpuSeconds: 3_600,
  diskBytes: 4_000_000_000,
  fileBytes: 1_000_000_000,
  openFiles: 4_096,
  shownOutputBytes: 5_000_000,
  outputBytes: 100_000_000,
  artifactBytes: 500_000_000,
  cases: 20_000,
  shownSteps: 500_000,
};
