import { Badge } from '#client/ui/badge.tsx';
import { shownTestStatus, testStatusLook } from '#client/runs/status/status-look.ts';
import { isFailedTest, type TestStatus } from '#shared/run-status.ts';

/** What became of a case in a run. A failure in quarantine is not red: it failed nothing. */
export function CaseResult({
  result: { status, flaky, quarantined, duration },
}: {
  result: { status: TestStatus; flaky: boolean; quarantined: boolean; duration: number | null };
}) {
  const { label, tone, icon: Icon } = testStatusLook[shownTestStatus({ status, duration })];
  const counts = !(quarantined && isFailedTest(status));
  return (
    <Badge
      tone={flaky ? 'warn' : counts ? tone : 'quiet'}
      icon={<Icon aria-hidden className={`size-3.5 ${status === 'running' ? 'animate-spin' : ''}`} />}
    >
      {flaky ? 'Flaky' : counts ? label : `${label} in quarantine`}
    </Badge>
  );
}
