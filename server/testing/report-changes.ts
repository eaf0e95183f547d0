import type { AuditFixture } from './audit-fixture.ts';
import type { Change } from './mutation-changes.ts';
import { beginInput, casesEntry, playReporter } from './played-reporter.ts';

/** Changes that reporters make. */
export function createReportChanges({ ada }: AuditFixture): Record<string, () => Promise<Change>> {
  return {
    'reports.begin': async () => ({
      input: beginInput(),
      event: { action: 'run.reported', targetKind: 'run', targetName: 'web', details: {} },
      unlessRepeated: true,
      refused: { ...beginInput(), suite: '' },
    }),
    // The run's own log has what a reporter does next.
    'reports.append': async () => {
      const { runId, part, session } = await playReporter(ada);
      return {
        input: { runId, part, session, after: 0, entries: [casesEntry('one')] },
        event: {},
        events: 0,
        refused: { runId, part, session, after: 7, entries: [] },
      };
    },
    'reports.finish': async () => {
      const { runId, part, session } = await playReporter(ada);
      return {
        input: { runId, part, session, after: 0, status: 'passed', undelivered: null },
        event: {},
        events: 0,
        refused: { runId, part, session, after: 7, status: 'passed', undelivered: null },
      };
    },
  };
}
