import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CircleX,
  Clock,
  LoaderCircle,
  SkipForward,
  TimerOff,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import type { Tone } from '#client/ui/badge.tsx';
import type { StreamStatus, TestStatus } from '#shared/run-status.ts';

/** `not_run`: the run ended before the test began. Such a test is stored as `skipped`, like one that its script skips. */
export type ShownTestStatus = TestStatus | 'not_run';

export function shownTestStatus(test: { status: TestStatus; duration: number | null }): ShownTestStatus {
  // Playwright gives a duration to each test that it has run or skipped.
  return test.status === 'skipped' && test.duration === null ? 'not_run' : test.status;
}

interface Look {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

const running: Look = { label: 'Running', tone: 'busy', icon: LoaderCircle };
const passed: Look = { label: 'Passed', tone: 'good', icon: CircleCheck };
const failed: Look = { label: 'Failed', tone: 'bad', icon: CircleX };
const timedOut: Look = { label: 'Timed out', tone: 'warn', icon: TimerOff };

export const statusLook: Record<StreamStatus, Look> = {
  waiting: { label: 'Waiting', tone: 'quiet', icon: CircleDashed },
  queued: { label: 'Queued', tone: 'quiet', icon: Clock },
  running,
  passed,
  failed,
  error: { label: 'Error', tone: 'bad', icon: TriangleAlert },
  cancelled: { label: 'Cancelled', tone: 'quiet', icon: Ban },
  timed_out: timedOut,
};

export const testStatusLook: Record<ShownTestStatus, Look> = {
  pending: { label: 'Pending', tone: 'quiet', icon: CircleDashed },
  running,
  passed,
  failed,
  timed_out: timedOut,
  skipped: { label: 'Skipped', tone: 'quiet', icon: SkipForward },
  not_run: { label: 'Not run', tone: 'quiet', icon: CircleSlash },
  interrupted: { label: 'Interrupted', tone: 'quiet', icon: Ban },
};
