import type { RunLog } from '#client/runs/log/run-log.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import type { CodeProblem } from '#client/ui/code/code-editor.tsx';
import type { TestError } from '#shared/events.ts';

type Problem = Pick<TestError, 'message' | 'line'>;

/**
 * The problems that a run found in its only script: one for each line, in order of lines. `error` is that of the script, which
 * names only the first failed case; `cases` are those that failed.
 */
export function problemsOf(
  error: Problem | null | undefined,
  cases: readonly { error: Problem | null }[],
): CodeProblem[] {
  const problems = new Map<number, CodeProblem>();
  for (const problem of [error, ...cases.map((failed) => failed.error)]) {
    if (!problem?.line || problems.has(problem.line)) continue;
    problems.set(problem.line, { line: problem.line, message: stripAnsi(problem.message) });
  }
  return [...problems.values()].sort((a, b) => a.line - b.line);
}

/** The line of the newest step that is running; null if none is, or none has a line. */
export function runningLine(log: Pick<RunLog, 'steps'>): number | null {
  let line: number | null = null;
  for (const step of log.steps.values()) if (step.status === 'running' && step.line) line = step.line;
  return line;
}
