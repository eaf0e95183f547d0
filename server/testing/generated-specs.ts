import fc from 'fast-check';

/** Statements of a test, each with `info`. What they do in a later attempt depends on `info.retry`. */
const passingBodies = [
  '',
  `await test.step('outer', async () => { await test.step('inner', () => {}); });`,
  `info.annotations.push({ type: 'note', description: 'added' });`,
  `test.skip(true, 'not now');`,
  `test.fixme();`,
  `test.fail(); expect(1).toBe(2);`,
  `test.slow(); console.log('said');`,
];
const flakyBodies = [
  `expect(info.retry).toBeGreaterThan(0);`,
  `expect(info.retry).toBe(1);`,
  `await test.step('a step', () => expect(info.retry).toBeGreaterThan(0));`,
  `expect.soft(info.retry).toBeGreaterThan(0); expect.soft(info.retry).toBeGreaterThan(0);`,
  `test.skip(info.retry > 0, 'only once'); expect(1).toBe(2);`,
  `if (info.retry === 0) process.exit(0);`,
];
const failingBodies = [
  `expect(1).toBe(2);`,
  `expect(info.retry).toBe(0);`,
  `expect.soft(1).toBe(2); expect.soft(2).toBe(3);`,
  `expect.soft(1).toBe(2); throw new Error('later');`,
  `await test.step('outer', async () => { await test.step('inner', () => { throw new Error('deep'); }); });`,
  `throw 'a text';`,
  `throw null;`,
  `throw new Error('wrapped', { cause: new Error('worker process exited unexpectedly') });`,
  `test.fail();`,
  `test.fail(info.retry === 1); expect(info.retry).toBe(1);`,
  `test.setTimeout(150); await new Promise(() => {});`,
  `void Promise.reject(new Error('unhandled')); await new Promise((resolve) => setTimeout(resolve, 50));`,
  `process.exit(1);`,
  `process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});`,
];
const declarations = ['test', 'test', 'test', 'test', 'test', 'test.skip', 'test.fixme', 'test.fail'];

const passingHooks = [
  `test.beforeAll(() => {});`,
  `test.beforeEach(() => {});`,
  `test.afterEach(({}, info) => { info.annotations.push({ type: 'after' }); });`,
  `test.skip(({ browserName }) => browserName === 'chromium', 'not here');`,
  `test.beforeEach(({}, info) => { test.skip(info.title.includes('1'), 'by a hook'); });`,
];
const failingHooks = [
  `test.beforeAll(() => { throw new Error('before all'); });`,
  `test.beforeAll(() => { if (test.info().retry === 0) throw new Error('before all, once'); });`,
  `test.beforeAll(() => { process.exit(1); });`,
  `test.beforeEach(() => { throw new Error('before each'); });`,
  `test.beforeEach(({}, info) => { expect(info.retry).toBe(1); });`,
  `test.afterEach(({}, info) => { expect(info.retry).toBe(1); });`,
  `test.afterEach(() => { throw new Error('after each'); });`,
  `test.afterAll(() => { throw new Error('after all'); });`,
  `test.afterAll(() => { process.exit(1); });`,
  `if (process.env.TEST_WORKER_INDEX !== undefined) throw new Error('only where tests run');`,
];

interface Case {
  kind: 'case';
  declaration: string;
  body: string;
}
interface Group {
  kind: 'group';
  declaration: string;
  mode: string | undefined;
  retries: number | undefined;
  hooks: string[];
  items: Item[];
}
type Item = Case | Group;

/** How much of a file may fail. Each failure starts a process, which takes most of the time. */
export type Mood = 'mixed' | 'green';

function cases(mood: Mood): fc.Arbitrary<Case> {
  const pass = fc.constantFrom(...passingBodies);
  const flaky = fc.constantFrom(...flakyBodies);
  const fail = fc.constantFrom(...failingBodies);
  const body =
    mood === 'green'
      ? fc.oneof({ weight: 3, arbitrary: pass }, { weight: 1, arbitrary: flaky })
      : fc.oneof({ weight: 4, arbitrary: pass }, { weight: 1, arbitrary: flaky }, { weight: 1, arbitrary: fail });
  // A test that is to fail, and passes, is not green.
  const allowed = mood === 'green' ? declarations.filter((name) => name !== 'test.fail') : declarations;
  return fc.record({ kind: fc.constant('case'), declaration: fc.constantFrom(...allowed), body });
}

function groups(mood: Mood, depth: number): fc.Arbitrary<Group> {
  const hooks = fc.oneof<fc.WeightedArbitrary<string[]>[]>(
    { weight: 8, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.constantFrom(...passingHooks).map((hook) => [hook]) },
    { weight: mood === 'green' ? 0 : 1, arbitrary: fc.constantFrom(...failingHooks).map((hook) => [hook]) },
  );
  const item: fc.Arbitrary<Item> =
    depth === 0
      ? cases(mood)
      : fc.oneof({ weight: 5, arbitrary: cases(mood) }, { weight: 2, arbitrary: groups(mood, depth - 1) });
  return fc.record({
    kind: fc.constant('group'),
    declaration: fc.constantFrom(
      'describe',
      'describe',
      'describe',
      'describe',
      'describe',
      'describe.skip',
      'describe.fixme',
    ),
    mode: fc.constantFrom(undefined, undefined, 'serial', 'serial', 'parallel', 'default'),
    retries: mood === 'green' ? fc.constant(2) : fc.constantFrom(undefined, 0, 1, 2),
    hooks,
    items: fc.array(item, { minLength: 1, maxLength: 3 }),
  });
}

/** The text of a spec file. It needs no browser. */
export function specs(mood: Mood): fc.Arbitrary<string> {
  return groups(mood, 2).map((file) => {
    const lines = [`import { test, expect } from '@playwright/test';`, ...render(file, '')];
    return `${lines.join('\n')}\n`;
  });
}

/** Playwright refuses `parallel` inside of other modes. */
function render(group: Group, indent: string, refusesParallel = false): string[] {
  const { retries } = group;
  const mode = refusesParallel && group.mode === 'parallel' ? undefined : group.mode;
  const refuses = refusesParallel || mode === 'serial' || mode === 'default';
  const settings = [mode && `mode: '${mode}'`, retries !== undefined && `retries: ${retries}`].filter(Boolean);
  const inside = [
    ...(settings.length > 0 ? [`test.describe.configure({ ${settings.join(', ')} });`] : []),
    ...group.hooks,
    ...group.items.flatMap((item, index) => {
      if (item.kind === 'case')
        return [`${item.declaration}('case ${index}', { tag: '@t${index}' }, async ({}, info) => { ${item.body} });`];
      return [`test.${item.declaration}('group ${index}', () => {`, ...render(item, '  ', refuses), `});`];
    }),
  ];
  return inside.map((line) => indent + line);
}

/** Marks one test of the file as the only one to run. */
export function withOnly(text: string): string {
  return text.replace(/\btest\('case/, "test.only('case");
}
