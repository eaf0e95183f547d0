import { existsSync } from 'node:fs';
import { hasProcessLimits } from './run-limits.ts';
import type { Sandbox } from './sandbox.ts';
import { syscallFilter } from './syscall-filter.ts';

/** What keeps the runs of a worker in their place: said at start-up and in `/readyz`. */
export interface Containment {
  sandbox: Sandbox['kind'];
  /** `own`: each run has a user for itself. */
  user: Sandbox['user'];
  network: Sandbox['network'];
  /**
   * `prlimit`: the kernel's, for each process. `supervisor`: the worker's, for all processes of a run together. `seccomp`: system
   * calls that are refused.
   */
  limits: ('prlimit' | 'supervisor' | 'seccomp')[];
}

export function describeContainment(sandbox: Sandbox): Containment {
  return {
    sandbox: sandbox.kind,
    user: sandbox.user,
    network: sandbox.network,
    limits: [
      ...(hasProcessLimits() ? (['prlimit'] as const) : []),
      ...(existsSync('/proc/self/stat') ? (['supervisor'] as const) : []),
      ...(sandbox.kind === 'bubblewrap' && syscallFilter() ? (['seccomp'] as const) : []),
    ],
  };
}
