import isUnicodeSupported from 'is-unicode-supported';
import picocolors from 'picocolors';
import type { Host } from '#sdk/cli/process/host.ts';

export type Paint = ReturnType<typeof picocolors.createColors>;

/**
 * Colours for a stream, or none: `--no-color` and `--color` come before FORCE_COLOR, NO_COLOR and what the terminal or the
 * CI can show. Node knows the rules of the latter.
 */
export function createPaint({ env, stdout }: Host, color: boolean | undefined): Paint {
  return picocolors.createColors(color ?? hasColors(env, stdout));
}

function hasColors(env: Host['env'], stream: Host['stdout']): boolean {
  const { FORCE_COLOR, NO_COLOR } = env;
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  if (NO_COLOR) return false;
  if (stream.isTTY) return stream.hasColors();
  return env['GITHUB_ACTIONS'] === 'true' || env['GITLAB_CI'] === 'true' || env['BUILDKITE'] === 'true';
}

const unicode = {
  passed: '✓',
  failed: '✗',
  skipped: '-',
  flaky: '~',
  stopped: '■',
  waiting: '·',
  done: '━',
  left: '─',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
} as const;
const ascii = {
  passed: '+',
  failed: 'x',
  skipped: '-',
  flaky: '~',
  stopped: '#',
  waiting: '.',
  done: '=',
  left: '-',
  spinner: ['-', '\\', '|', '/'],
} as const;

export type Signs = { readonly [Name in keyof typeof unicode]: Name extends 'spinner' ? readonly string[] : string };

export const signs: Signs = isUnicodeSupported() ? unicode : ascii;
