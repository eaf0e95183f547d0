import type { Outputs } from '#client/query/trpc.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import { formatDuration } from '#client/ui/format.ts';
import { shortSha } from '#client/runs/status/short-sha.ts';
import { statusLook } from '#client/runs/status/status-look.ts';
import { verdictOf } from '#shared/verdict-text.ts';

type Run = Pick<
  Outputs['runs']['byId'],
  | 'name'
  | 'branch'
  | 'commitSha'
  | 'status'
  | 'errorCode'
  | 'total'
  | 'passed'
  | 'failed'
  | 'skipped'
  | 'notRun'
  | 'flaky'
  | 'quarantined'
  | 'duration'
>;
type RunCase = Pick<
  Outputs['runs']['cases']['items'][number],
  'index' | 'script' | 'file' | 'title' | 'project' | 'status' | 'flaky' | 'quarantined'
> & { error: { message: string } | null };

/** A run for a chat or an issue: its result, and the cases that went wrong with links to them. */
export function runAsMarkdown(run: Run, cases: readonly RunCase[], address: string): string {
  const counts = [
    verdictOf(run),
    run.flaky > 0 && `${run.flaky} flaky`,
    run.quarantined > 0 && `${run.quarantined} failed in quarantine`,
    run.skipped > 0 && `${run.skipped} skipped`,
    run.duration !== null && formatDuration(run.duration),
    run.branch !== null && `branch ${escape(run.branch)}`,
    run.commitSha !== null && `commit ${shortSha(run.commitSha)}`,
  ].filter(Boolean);
  const lines = cases.map((it) => {
    const title = [it.script ?? it.file, it.title, it.project && `[${it.project}]`].filter(Boolean).join(' › ');
    const what = it.flaky ? 'flaky' : it.quarantined ? 'failed in quarantine' : it.status.replace('_', ' ');
    const error = it.error && !it.flaky ? `: \`${code(it.error.message)}\`` : '';
    return `- **${what}** [${escape(title)}](${address}?case=${it.index})${error}`;
  });
  return [`**${statusLook[run.status].label}**: [${escape(run.name)}](${address}) (${counts.join(', ')})`, '', ...lines]
    .join('\n')
    .trimEnd();
}

/** Text that is no Markdown. */
const escape = (text: string) => text.replaceAll(/[\\`*_[\]<>#|]/g, '\\$&').replaceAll(/\s+/g, ' ');

const code = (text: string) => stripAnsi(text).replaceAll('`', "'").replaceAll(/\s+/g, ' ').slice(0, 200);
