import { makeBadge } from 'badge-maker';
import { isTerminal } from '#shared/run-status.ts';
import { type RunCounts, verdictOf } from '#shared/verdict-text.ts';
import { labelOf } from './badge-label.ts';
import type { BadgeContent } from './read-badge.ts';

/** The picture of a badge, as SVG; undefined: of one that is not there. */
export function renderBadge(content: BadgeContent | undefined): string {
  if (!content) return makeBadge({ label: 'Runlight', message: 'badge not found', color: 'lightgrey' });
  const { name, branch, newest } = content;
  // XML has no place for them, and names of tests may have them.
  const label = labelOf(name, branch).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
  return makeBadge({ label, ...resultOf(newest) });
}

function resultOf(run: RunCounts | null): { message: string; color: string } {
  if (!run) return { message: 'not run yet', color: 'lightgrey' };
  if (!isTerminal(run.status)) return { message: 'running', color: 'blue' };
  const flaky = run.flaky > 0 ? `, ${run.flaky} flaky` : '';
  if (run.status === 'passed') return { message: `${verdictOf(run)}${flaky}`, color: flaky ? 'yellow' : 'brightgreen' };
  // A run may fail though none of its cases did.
  const isOfCases = run.status === 'failed' && run.failed > 0;
  return { message: isOfCases ? `${verdictOf(run)}${flaky}` : run.status.replace('_', ' '), color: 'red' };
}
