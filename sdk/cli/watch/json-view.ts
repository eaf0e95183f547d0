import type { Host } from '#sdk/cli/process/host.ts';
import { exitCodeOfRun } from '#sdk/cli/process/exit-codes.ts';
import { toJsonLine } from '#shared/clean-text.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { createOutageNotice } from './outage-notice.ts';
import type { RunModel } from '#sdk/cli/model/run-model.ts';
import { addressOfRun } from '#shared/run-export/run-words.ts';
import type { RunView } from './run-view.ts';

/** The first line for a run, also of one that is not watched. */
export function runLine(run: Pick<Run, 'id' | 'kind' | 'name' | 'status'>, url: string): string {
  const { id, kind, name, status } = run;
  return toJsonLine({ type: 'run', runId: id, kind, name, status, url: addressOfRun(url, id) });
}

/** A line of JSON for the run, each entry of its log, and its end; nothing else on stdout. */
export function createJsonView(host: Host, url: string): RunView {
  const write = (line: string) => void host.stdout.write(`${line}\n`);
  const notice = (text: string) => void host.stderr.write(`${text}\n`);
  const outage = createOutageNotice(notice);
  return {
    types: null,
    begin: ({ run }: RunModel) => write(runLine(run, url)),
    show: (event) => write(toJsonLine(event)),
    connection: (lost) => outage.change(lost),
    notice,
    end(run) {
      const { id, status, errorCode, errorDetails, duration } = run;
      const { total, passed, failed, skipped, notRun, flaky, quarantined } = run;
      const counts = { total, passed, failed, skipped, notRun, flaky, quarantined };
      const exitCode = exitCodeOfRun(run);
      write(toJsonLine({ type: 'end', runId: id, status, errorCode, errorDetails, duration, ...counts, exitCode }));
    },
    close: () => outage.close(),
  };
}
