/** What a reporter may send, and what it must cut before. Lengths are UTF-16 units. */
export const reportLimits = {
  entriesPerBatch: 2_000,
  /** Of the JSON of a batch, in UTF-16 units. A list of cases may have more: see `bytesPerBody`. */
  charsPerBatch: 1_000_000,
  /** Of a request. */
  bytesPerBody: 8 * 1024 * 1024,
  title: 1_000,
  text: 16_000,
  errorMessage: 64_000,
  errorsPerCase: 51,
  tagsPerCase: 50,
  /** Of a part. */
  entries: 2_000_000,
  /** Of a run. */
  files: 20_000,
  suitesPerProject: 1_000,
  /** Reported runs of a project that are not over. */
  liveRunsPerProject: 500,
} as const;

/** Between two signs of life of a reporter, in ms. */
export const reportHeartbeatMs = 5_000;
/** A part that gives no sign of life for this long is shown as silent, in ms. */
export const reportSilentMs = 20_000;
/** A part that gives no sign of life for this long ends as `reporter_lost`, in ms. */
export const reportLostMs = 60_000;
