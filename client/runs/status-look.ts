import {
  Ban,
  Circle,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  LoaderCircle,
  TimerOff,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import type { Tone } from '#client/ui/badge.tsx';
import type { StreamStatus, TestStatus } from '#shared/run-status.ts';

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

export const testStatusLook: Record<TestStatus, Look> = {
  pending: { label: 'Pending', tone: 'quiet', icon: CircleDashed },
  running,
  passed,
  failed,
  timed_out: timedOut,
  skipped: { label: 'Skipped', tone: 'quiet', icon: Circle },
  interrupted: { label: 'Interrupted', tone: 'quiet', icon: Ban },
};
