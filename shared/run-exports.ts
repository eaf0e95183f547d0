/** Files that a run which is over can be downloaded as, and what they are. */
export const runExports = {
  'junit.xml': 'JUnit XML',
  'report.json': 'Playwright JSON',
  'summary.md': 'Markdown summary',
  'run.ndjson': 'Everything as NDJSON',
} as const;
export type RunExport = keyof typeof runExports;

export const exportPath = (runId: string, file: RunExport) => `/api/runs/${runId}/export/${file}`;
