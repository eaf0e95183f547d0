import path from 'node:path';
import { parseArgs } from 'node:util';
import { type ContenderName, contenderNames } from './contenders.ts';

export const usage = `npm run bench -- [options]
  --quick             fewer contenders, rounds and clients: about 90 seconds
  --only <names>      contenders, separated by commas: ${contenderNames.join(', ')}; bare is always there
  --workloads <names> fan-out, burst, many, idle, growth, large, reporter, reports, artifacts, suites; and processes, if named
  --rounds <n>        of fan-out
  --profile <name>    a contender; its servers leave CPU profiles
  --out <folder>      for results.md, results.json and fan-out.svg; default bench/results, with --quick none`;

/** Those that are measured unless others are named. */
const workloadNames = [
  'fan-out',
  'burst',
  'many',
  'idle',
  'growth',
  'large',
  'reporter',
  'reports',
  'artifacts',
  'suites',
];

export interface Options {
  isQuick: boolean;
  names: ContenderName[];
  workloads: ReadonlySet<string>;
  rounds: number;
  profile: string | undefined;
  outDir: string | undefined;
}

/** From the command line. Throws an error that names a wrong option. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      workloads: { type: 'string' },
      rounds: { type: 'string' },
      profile: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const quickNames: ContenderName[] = ['bare', 'handwritten', 'stock', 'runlight'];
  const only = values.only?.split(',');
  const wrong = [...(only ?? []), values.profile ?? 'bare'].find((name) => !contenderNames.includes(name as never));
  if (wrong !== undefined) throw new Error(`there is no contender '${wrong}'`);
  const workloads = values.workloads?.split(',') ?? (values.quick ? ['fan-out', 'burst', 'idle'] : workloadNames);
  const unknown = workloads.find((name) => ![...workloadNames, 'processes'].includes(name));
  if (unknown !== undefined) throw new Error(`there is no workload '${unknown}'`);
  return {
    isQuick: values.quick,
    names: only
      ? contenderNames.filter((name) => name === 'bare' || only.includes(name))
      : values.quick
        ? quickNames
        : [...contenderNames],
    workloads: new Set(workloads),
    rounds: Number(values.rounds ?? (values.quick ? 4 : 5)),
    profile: values.profile,
    outDir: values.out ?? (values.quick ? undefined : path.join(import.meta.dirname, 'results')),
  };
}
