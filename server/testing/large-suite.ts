import type { RunEventBody, TestError } from '#shared/events.ts';
import { type ListedCase, titleSeparator } from '#shared/run-cases.ts';

type CaseEvent = Extract<RunEventBody, { type: 'case' }>;

/** An entry of the log of a suite, and when it is written, in ms since the beginning of the run. */
export interface TimedEvent {
  at: number;
  event: RunEventBody;
}

export interface SuiteCase extends ListedCase {
  part: number;
  /** In the run. */
  index: number;
}

const areas = ['cart', 'checkout', 'search', 'account', 'orders', 'catalogue', 'returns', 'admin', 'emails', 'prices'];
const things = [
  'list',
  'form',
  'filters',
  'totals',
  'address',
  'coupons',
  'history',
  'permissions',
  'export',
  'layout',
];
const verbs = ['shows', 'keeps', 'refuses', 'sorts', 'adds', 'removes', 'restores', 'validates', 'prints', 'loads'];
const objects = [
  'an empty list',
  'the last address',
  'a wrong code',
  'prices by date',
  'two items',
  'a draft',
  'the total',
];
const errors = [
  ['locator.click: Timeout 5000ms exceeded.\nCall log:\n  - waiting for getByRole("button", { name: "Pay now" })', 41],
  ['expect(received).toBe(expected) // Object.is equality\n\nExpected: "49.50 EUR"\nReceived: "50.40 EUR"', 23],
  ['expect(locator).toBeVisible() failed\n\nLocator: getByTestId("receipt")\nExpected: visible\nTimeout: 5000ms', 67],
  ['apiRequestContext.post: connect ECONNREFUSED 127.0.0.1:8081', 12],
] as const;
const workersOfPart = 2;
const partsLength = 4;

/** A number from 0 to 1 that depends on nothing but these. */
function chance(...seeds: number[]): number {
  let hash = 2_166_136_261;
  for (const seed of seeds) hash = Math.imul(hash ^ (seed + 1), 16_777_619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 4_294_967_296;
}
const pick = <T>(from: readonly T[], ...seeds: number[]): T => from[Math.floor(chance(...seeds) * from.length)]!;

/** A suite of `total` cases in four parts, the same for the same total. */
export function largeSuite(total: number): SuiteCase[] {
  const perPart = Math.ceil(total / partsLength);
  return Array.from({ length: total }, (_, index) => {
    const ofFile = 25;
    const file = Math.floor(index / ofFile);
    const area = areas[file % areas.length]!;
    const thing = things[Math.floor(file / areas.length) % things.length]!;
    const title = `${verbs[index % verbs.length]} ${pick(objects, index)} ${index % ofFile}`;
    const group = `${thing} of the ${area}`;
    const place = index % ofFile;
    return {
      part: Math.floor(index / perPart),
      index,
      position: null,
      project: chance(file, 7) < 0.3 ? 'firefox' : 'chromium',
      file: `tests/${area}/${thing}${file >= 100 ? `-${Math.floor(file / 100)}` : ''}.spec.ts`,
      titlePath: place < 20 ? [group, ...(place > 14 ? ['on a phone'] : []), title] : [title],
      line: 8 + place * 11,
      tags: chance(index, 3) < 0.1 ? ['@smoke'] : [],
      annotations: [],
    };
  });
}

/** What four machines with two workers each report of a run of the suite. `seed`: which run. */
export function playSuite(cases: readonly SuiteCase[], seed: number): { events: TimedEvent[]; failed: boolean } {
  const events: TimedEvent[] = [];
  let failed = false;
  for (let part = 0; part < partsLength; part += 1) {
    const free = Array.from({ length: workersOfPart }, (_, worker) => 1_500 + 400 * part + 90 * worker);
    for (const one of cases.filter((it) => it.part === part)) {
      const worker = free.indexOf(Math.min(...free));
      const played = playCase(one, seed, free[worker]!);
      events.push(...played.events);
      free[worker] = played.end + 30;
      failed ||= played.failed;
    }
  }
  return { events: events.toSorted((a, b) => a.at - b.at), failed };
}

function playCase(one: SuiteCase, seed: number, begin: number): { events: TimedEvent[]; end: number; failed: boolean } {
  const { index } = one;
  const luck = chance(index, seed);
  // A few cases fail in most runs, some are flaky, others fail by chance.
  const isBroken = chance(index, 11) < 0.004 && luck < 0.8;
  const fails = isBroken || luck < 0.002;
  const flakes = !fails && chance(index, 13) < 0.02 && luck > 0.6;
  const usual = 150 + 2_500 * chance(index, 5) ** 3;
  const events: TimedEvent[] = [];
  const event = (more: Partial<CaseEvent>): CaseEvent => ({
    type: 'case',
    index,
    caseId: '',
    part: one.part,
    position: null,
    project: one.project,
    file: one.file,
    title: one.titlePath.join(titleSeparator),
    line: one.line,
    status: 'running',
    attempt: 0,
    flaky: false,
    quarantined: false,
    duration: null,
    error: null,
    ...more,
  });
  if (chance(index, 17) < 0.015) {
    const annotations = [{ type: 'skip', description: 'Waits for SHOP-412' }];
    return {
      events: [{ at: begin, event: event({ status: 'skipped', duration: 0, annotations }) }],
      end: begin,
      failed: false,
    };
  }
  const attempts = fails || flakes ? 2 : 1;
  let at = begin;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const isBad = fails || attempt < attempts - 1;
    const took = Math.round(usual * (0.8 + 0.5 * chance(index, seed, attempt))) + (isBad ? 900 : 0);
    const error = isBad ? errorOf(index, one.line ?? 1) : null;
    events.push({ at, event: event({ attempt, duration: attempt > 0 ? at - begin : null }) });
    events.push(...stepsOf(one, attempt, at, took, error));
    at += took;
    events.push({
      at,
      event: event({
        attempt,
        status: isBad ? 'failed' : 'passed',
        flaky: !isBad && attempt > 0,
        duration: at - begin,
        error,
        errors: error && [error],
      }),
    });
  }
  return { events, end: at, failed: fails };
}

function errorOf(index: number, line: number): TestError {
  const [message, column] = pick(errors, index, 19);
  const code = ['  await page.goto(shop);', `> await pay.click();`, '  await expect(receipt).toBeVisible();'];
  return {
    message: `Error: ${message}`,
    snippet: code.map((text, at) => `${text[0] === '>' ? '>' : ' '} ${line + at} |${text.slice(1)}`).join('\n'),
    line: line + 1,
    column,
  };
}

function stepsOf(
  { index, titlePath, line }: SuiteCase,
  attempt: number,
  begin: number,
  took: number,
  error: TestError | null,
): TimedEvent[] {
  const id = `${index}-${attempt}`;
  const status = error ? ('failed' as const) : ('passed' as const);
  const step = (key: string, category: string, title: string, from: number, to: number, bad: boolean): TimedEvent[] =>
    (['running', bad ? 'failed' : 'passed'] as const).map((state) => ({
      at: begin + took * (state === 'running' ? from : to),
      event: {
        type: 'step',
        position: 0,
        caseIndex: index,
        attempt,
        id: key === '' ? id : `${id}-${key}`,
        parentId: key === '' ? null : id,
        category,
        title,
        status: state,
        duration: state === 'running' ? null : Math.round(took * (to - from)),
        error: state === 'failed' ? error : null,
        line,
      },
    }));
  const print = (at: number, text: string): TimedEvent => ({
    at: begin + took * at,
    event: { type: 'log', stream: 'stdout', text, caseIndex: index, attempt },
  });
  return [
    ...step('', 'case', titlePath.at(-1)!, 0, 1, status === 'failed'),
    ...step('hooks', 'hook', 'Before Hooks', 0.02, 0.2, false),
    ...step('goto', 'pw:api', 'Navigate to "/shop"', 0.2, 0.5, false),
    print(0.4, `\u001b[2mGET\u001b[0m /shop \u001b[32m200\u001b[0m in ${Math.round(took * 0.2)} ms\n`),
    ...step('click', 'test.step', 'Pay the basket', 0.5, 0.98, status === 'failed'),
    print(0.7, `order ${1_000 + index} placed\n`),
  ].toSorted((a, b) => a.at - b.at);
}
