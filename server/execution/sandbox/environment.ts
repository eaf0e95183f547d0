import path from 'node:path';
import type { RunLimits } from '#server/config/run-limits.ts';
import { runIdVariable } from './kill-processes.ts';
import type { Sandbox } from './sandbox.ts';

/** The environment of a run's processes, built from nothing. `env` may replace language and time zone only. */
export function environmentOf(options: {
  runId: string;
  /** The run's folder inside. */
  insideDir: string;
  sandbox: Pick<Sandbox, 'kind'>;
  env: Record<string, string>;
  limits: Pick<RunLimits, 'heapMb'>;
}): Record<string, string> {
  const { insideDir, sandbox, limits } = options;
  return {
    LANG: 'C.UTF-8',
    TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...options.env,
    PATH: [...new Set(['/usr/local/bin', '/usr/bin', '/bin', path.dirname(process.execPath)])].join(':'),
    HOME: path.join(insideDir, 'home'),
    TMPDIR: sandbox.kind === 'bubblewrap' ? '/tmp' : path.join(insideDir, 'tmp'),
    NODE_OPTIONS: `--max-old-space-size=${limits.heapMb}`,
    FORCE_COLOR: '0',
    [runIdVariable]: options.runId,
  };
}
