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

/** How it went when a part listed the cases of its run. */
type Listing = 'planned' | 'impossible' | 'stopped';

/** Runs of this worker of which a part lists the cases. */
export type Listings = Map<string, Promise<Listing>>;

type Listed =
  | { kind: 'planned'; plan: SuitePlan | undefined }
  | { kind: 'impossible' }
  | { kind: 'stopped'; outcome: SuiteOutcome };

/**
 * Runs the cases of a part that the plan of its run gives it. A part that finds no plan lists the cases and divides them by the
 * durations that they had, for all parts of the run that this worker has meanwhile; where they cannot be listed, Playwright divides
 * them, and says what is wrong.
 */
export async function runShard(deps: RunWriter & { listings: Listings }, of: ShardToRun): Promise<SuiteOutcome> {
  const { runId, part, report, shard, run } = of;
  for (;;) {
    const plan = await report.reach(() => findPlan(deps.db, runId));
    if (plan) return runPart(of, plan[part] ?? [], run);
    const listing = deps.listings.get(runId);
    if (!listing) break;
    if ((await listing) === 'impossible') return run({ shard });
  }
  const listing = listCases(deps, of);
  deps.listings.set(
    runId,
    listing.then(
      ({ kind }) => kind,
      () => 'stopped',
    ),
  );
  const listed = await listing.finally(() => deps.listings.delete(runId));
  switch (listed.kind) {
    case 'planned':
      return runPart(of, listed.plan?.[part] ?? [], run);
    case 'impossible':
      return run({ shard });
    case 'stopped':
      return listed.outcome;
  }
}

async function listCases(deps: RunWriter, { runId, claimed, report, shard, run }: ShardToRun): Promise<Listed> {
  const cases: GroupedCase[] = [];
  const outcome = await run({ onCases: (more) => void cases.push(...more) });
  if (outcome.code !== null) return { kind: 'stopped', outcome };
  if (outcome.status !== 'passed') return { kind: 'impossible' };
  const chosen = keepChosen(cases, claimed.choice);
  const of = { runId, suiteId: claimed.suite.id, parts: shard.total };
  return { kind: 'planned', plan: await report.reach(() => keepPlan(deps.db, of, chosen)) };
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
