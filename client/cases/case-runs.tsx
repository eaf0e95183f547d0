import { stripAnsi } from '#client/ui/ansi.ts';
import { formatDuration, formatTime } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { CaseInRunLink } from './case-in-run-link.tsx';
import { CaseResult } from './case-result.tsx';
import type { CaseVerdict } from './case-verdict.ts';

/** The results of a case, newest first. */
export function CaseRuns({ verdicts }: { verdicts: readonly CaseVerdict[] }) {
  return (
    <Section title="Runs">
      {verdicts.length === 0 ? (
        <p className="px-4 py-6 text-sm text-muted">It has not run yet.</p>
      ) : (
        <div className="@container max-h-[44rem] overflow-y-auto">
          <Table
            label="Runs"
            columns={[
              { head: 'Result' },
              { head: 'Attempts', className: 'hidden w-20 text-right @md:table-cell' },
              { head: 'Duration', className: 'w-22 text-right' },
              { head: 'Started', className: 'hidden w-32 text-right @min-[21.5rem]:table-cell' },
            ]}
          >
            {verdicts.map((verdict) => (
              <tr key={`${verdict.runId}:${verdict.index}`} className="relative hover:bg-hover">
                <td className="py-2 pr-2 pl-4">
                  <CaseInRunLink runId={verdict.runId} index={verdict.index} className="row-link">
                    <CaseResult result={verdict} />
                    <span className="sr-only">, run of {formatTime(verdict.at)}</span>
                  </CaseInRunLink>
                  <RunCommit run={{ ...verdict, commitMessage: null }} />
                  {verdict.error && (
                    <span
                      className="mt-0.5 block truncate text-[0.8125rem] text-muted"
                      title={stripAnsi(verdict.error)}
                    >
                      {stripAnsi(verdict.error)}
                    </span>
                  )}
                </td>
                <td className="hidden px-2 py-2 text-right text-muted tabular-nums @md:table-cell">
                  {verdict.duration === null ? '–' : verdict.attempt + 1}
                </td>
                <td className="px-2 py-2 text-right tabular-nums">
                  {verdict.duration === null ? '–' : formatDuration(verdict.duration)}
                </td>
                <td className="hidden py-2 pr-4 pl-2 text-right text-muted @min-[21.5rem]:table-cell">
                  <RelativeTime iso={verdict.at} />
                </td>
              </tr>
            ))}
          </Table>
        </div>
      )}
    </Section>
  );
}
