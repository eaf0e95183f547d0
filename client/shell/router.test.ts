import { createMemoryHistory } from '@tanstack/react-router';
import { describe, expect, test } from 'vitest';
import { createAppRouter } from './router.tsx';

const id = '019a0000-0000-7000-8000-000000000001';
const { routesByPath } = createAppRouter(createMemoryHistory());
/** Every address with a page: `/` only leads to one. */
const pages = Object.values(routesByPath)
  .filter(({ options }) => options.component)
  .map(({ fullPath }) => fullPath.replaceAll(/\$\w+/g, id));

/** The parameters that the page of an address gets, as the router gives them to it. */
function searchOf(address: string): Record<string, unknown> {
  const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
  const match = router.matchRoutes(router.latestLocation).at(-1)!;
  expect(match.searchError, address).toBeUndefined();
  return Object.fromEntries(Object.entries(match.search).filter(([, value]) => value !== undefined));
}

/** The address that the router puts in the place of this one. */
function shownAddress(address: string): string {
  const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
  const { pathname } = router.latestLocation;
  return router.buildLocation({ to: pathname, search: true, _includeValidateSearch: true } as never).href;
}

// A key of any page on every page, so that a new page is under test by itself.
const texts = ['q', 'step', 'branch'];
const others = [
  'status',
  'kind',
  'test',
  'job',
  'trigger',
  'time',
  'from',
  'to',
  'who',
  'what',
  'target',
  'tab',
  'sort',
  'archived',
  'suite',
  'ci',
  'line',
];
const keys = [
  ...texts,
  ...others,
  'artifact',
  'run',
  'template',
  'filter',
  'group',
  'case',
  'attempt',
  '__proto__',
  'x',
];
const nonsense = [
  ['', ' ', 'true', 'null', '0', '-1', '1.5', '1e5', '[1]', '{"a":1}', '"x"', '""', 'abc', 'yesterday', '1y'],
  ['2026-02-31', '2026-13-01', '0000-01-01', '9999-12-31', '2026-1-1', 'toString', 'constructor', 'passed failed'],
  ['-'.repeat(36), 'x'.repeat(300), '\0', '\ud83d', 'summary', 'nightly', 'foo'],
].flat();

test('the pages under test are all pages', () => {
  expect(pages.length).toBeGreaterThan(14);
  expect(pages).toContain(`/runs/${id}`);
});

describe.each(pages)('%s', (page) => {
  test.each(keys)('drops a %s that means nothing', (key) => {
    for (const value of nonsense) {
      // The first case of a run.
      if (key === 'case' && value === '0') continue;
      const address = `${page}?${new URLSearchParams({ [key]: value })}`;
      const search = searchOf(address);
      if (texts.includes(key) && key in search)
        expect(search).toEqual({ [key]: value.replace('\ud83d', '\ufffd').slice(0, key === 'branch' ? 300 : 200) });
      else expect(search, address).toEqual({});
      expect(searchOf(shownAddress(address)), address).toEqual(search);
    }
  });

  test.each(keys)('drops a %s that is given twice', (key) => {
    for (const [a, b] of [
      ['a', 'b'],
      ['failed', 'passed'],
      ['log', 'log'],
      [id, id],
      ['1', '2'],
    ]) {
      expect(searchOf(`${page}?${key}=${a}&${key}=${b}`)).toEqual({});
    }
  });

  test('puts an address without the dropped parameters in place of its own', () => {
    expect(shownAddress(`${page}?x=1&tab=summary&q=a&q=b`)).toBe(page.replace(/(.)\/$/, '$1'));
  });
});

test.each([
  ['/runs?q=true', { q: 'true' }],
  ['/runs?q=[1]', { q: '[1]' }],
  ['/runs?status=passed&status=failed', {}],
  ['/runs?status=3', {}],
  ['/runs?status=failed,exploded,passed', { status: 'passed,failed' }],
  ['/runs?from=yesterday', {}],
  ['/runs?time=1y', {}],
  ['/settings/audit?from=yesterday', {}],
  ['/runs?kind=foo', {}],
  ['/runs?trigger=nightly', {}],
  ['/runs?test=abc', {}],
  ['/settings/audit?who=true', {}],
  [`/runs/${id}?tab=summary`, {}],
  [`/runs/${id}?tab=log&line=12&filter=flaky&group=shard`, { tab: 'log', line: '12', filter: 'flaky', group: 'shard' }],
  [`/runs/${id}?case=0&attempt=2&step=%223%22`, { case: 0, attempt: 2, step: '3' }],
  [`/runs/${id}?case=7&tab=log&line=12-3`, { case: 7, line: '12-3' }],
  [`/runs/${id}?attempt=2&step=3`, {}],
  ['/settings/audit?who=schedule&what=jobs&time=7d', { who: 'schedule', what: 'jobs', time: '7d' }],
  ['/settings/audit?who=0aBcDeFgHiJkLmNoPqRsTuVwXyZ01234', { who: '0aBcDeFgHiJkLmNoPqRsTuVwXyZ01234' }],
  [`/runs?test=${id}&from=2026-01-31&to=2028-02-29`, { test: id, from: '2026-01-31', to: '2028-02-29' }],
  ['/tests/new?template=api', { template: 'api' }],
  [`/tests/${id}?run=${id}`, { run: id }],
])('%s is read as %o', (address, search) => {
  expect(searchOf(address)).toEqual(search);
});
