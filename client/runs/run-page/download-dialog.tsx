import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { exportPath, type RunExport, runExports } from '#shared/run-exports.ts';

const uses: Record<RunExport, string> = {
  'junit.xml': 'For Jenkins, GitLab and other CIs',
  'report.json': "The report of Playwright's JSON reporter",
  'summary.md': 'The result and its failures, for an issue or a job summary',
  'run.ndjson': 'Cases, attempts and the log, a JSON value a line',
};

/** Links to the files that a run which is over can be downloaded as. */
export default function DownloadDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  return (
    <Dialog title="Download the run" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <ul className="divide-y divide-line">
        {(Object.keys(runExports) as RunExport[]).map((file) => (
          <li key={file} className="py-2">
            <a href={exportPath(runId, file)} download className="link font-medium">
              {runExports[file]}
            </a>
            <p className="text-sm">{uses[file]}</p>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
