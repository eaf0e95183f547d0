import { existsSync } from 'node:fs';
import { hasPrlimit } from './prlimit.ts';
import type { Sandbox } from './sandbox.ts';
import { syscallFilter } from './syscall-filter.ts';

/** How a worker isolates and limits its runs. Logged at start and reported by `/readyz`. */
export interface Containment {
  sandbox: Sandbox['kind'];
  /** `own`: each run has a user of its own. */
  user: Sandbox['user'];
  network: Sandbox['network'];
  /**
   * `prlimit`: the kernel limits each process. `supervisor`: the worker limits all processes of a run together. `seccomp`: the
   * kernel refuses some system calls.
   */
  limits: ('prlimit' | 'supervisor' | 'seccomp')[];
}

export function describeContainment(sandbox: Sandbox): Containment {
  return {
    sandbox: sandbox.kind,
    user: sandbox.user,
    network: sandbox.network,
    limits: [
      ...(hasPrlimit() ? (['prlimit'] as const) : []),
      ...(existsSync('/proc/self/stat') ? (['supervisor'] as const) : []),
      ...(sandbox.kind === 'bubblewrap' && syscallFilter() ? (['seccomp'] as const) : []),
    ],
  };
}
