import type { RunLog } from '#client/runs/log/run-log.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import type { CodeProblem } from '#client/ui/code/code-editor.tsx';
import type { TestError } from '#shared/events.ts';

/** The problems that a run found in its only script: one for each line, in order of lines. */
export function problemsOf(error: TestError | null | undefined, log: RunLog | undefined): CodeProblem[] {
  // Each Playwright test of a script fails on its own; the result of the run names only the first.
  const cases = [...(log?.steps.values() ?? [])].filter(({ category }) => category === 'case');
  const problems = new Map<number, CodeProblem>();
  for (const problem of [error, ...cases.map((step) => step.error)]) {
    if (!problem?.line || problems.has(problem.line)) continue;
    problems.set(problem.line, { line: problem.line, message: stripAnsi(problem.message) });
  }
  return [...problems.values()].sort((a, b) => a.line - b.line);
}

/** The line of the newest step that is running; null if none is, or none has a line. */
export function runningLine(log: RunLog | undefined): number | null {
  if (!log || log.ended) return null;
  let line: number | null = null;
  for (const step of log.steps.values()) if (step.status === 'running' && step.line) line = step.line;
  return line;
}
