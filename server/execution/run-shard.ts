import type { GroupedCase } from '#shared/suite-pipe.ts';
import type { SuiteCase } from '#shared/suites.ts';
import type { ExecuteSuiteOptions } from '#server/execution/suites/execute-suite.ts';
import { outcome, type SuiteOutcome } from '#server/execution/suites/suite-outcome.ts';
import type { RunWriter } from '#server/runs/commit-run.ts';
import type { ClaimedPart } from '#server/suites/claim-part.ts';
import { findPlan, keepPlan, type SuitePlan } from '#server/suites/suite-plan.ts';
import type { PartReport } from './part-report.ts';

/** Runs the suite of a part, or some of it. */
export type RunSuite = (
  more: Pick<Partial<ExecuteSuiteOptions>, 'choice' | 'shard' | 'onCases'>,
) => Promise<SuiteOutcome>;

export interface ShardToRun {
  runId: string;
  part: number;
  claimed: ClaimedPart;
  report: PartReport;
  shard: { current: number; total: number };
  run: RunSuite;
}

/**
 * Runs the cases of a part that the plan of its run gives it. A part that finds no plan lists the cases and divides them by the
 * durations that they had; where they cannot be listed, Playwright divides them, and says what is wrong.
 */
export async function runShard(deps: RunWriter, of: ShardToRun): Promise<SuiteOutcome> {
  const { runId, part, claimed, report, shard, run } = of;
  let plan = await report.reach(() => findPlan(deps.db, runId));
  if (!plan) {
    const cases: GroupedCase[] = [];
    const listed = await run({ onCases: (more) => void cases.push(...more) });
    if (listed.code !== null) return listed;
    if (listed.status !== 'passed') return run({ shard });
    const chosen = keepChosen(cases, claimed.choice);
    plan = await report.reach(() =>
      keepPlan(deps.db, { runId, suiteId: claimed.suite.id, parts: shard.total }, chosen),
    );
  }
  return runPart(of, plan?.[part] ?? [], run);
}

async function runPart({ report }: ShardToRun, choice: SuitePlan[number], run: RunSuite): Promise<SuiteOutcome> {
  if (choice.length > 0) return run({ choice });
  await report.append([{ type: 'log', stream: 'stdout', text: 'No cases are left for this part.\n' }]);
  return outcome('passed', null, null);
}

function keepChosen(cases: readonly GroupedCase[], choice: readonly SuiteCase[] | null): readonly GroupedCase[] {
  if (!choice) return cases;
  const keyOf = ({ project, file, titlePath }: SuiteCase) => JSON.stringify([project, file, titlePath]);
  const chosen = new Set(choice.map(keyOf));
  return cases.filter((it) => it.isSetup || chosen.has(keyOf(it)));
}
