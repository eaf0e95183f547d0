import { randomUUID } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import { call } from './api.ts';

interface Reported {
  suite: string;
  /** The same for the shards of one run. */
  build?: string;
  branch?: string;
  sha?: string;
  pullRequest?: string;
  shard?: { current: number; total: number };
  executor?: string;
}

/** Titles of the cases that a played reporter lists, in one file, from line 3 on. */
const caseOf = (title: string, index: number) => ({
  position: null,
  project: 'chromium',
  file: 'shop/pay.spec.ts',
  titlePath: ['Checkout', title],
  line: 3 + 10 * index,
  tags: [],
  annotations: [],
});

/** Begins to report as a reporter in GitHub Actions does. `request` sends a token. */
export async function beginReport(request: APIRequestContext, url: string, reported: Reported) {
  const session = randomUUID();
  const { suite, build = randomUUID(), branch = 'main', sha = '0123456789abcdef0123456789abcdef01234567' } = reported;
  const { runId, part } = await call<{ runId: string; part: number }>(request, url, 'reports.begin', {
    session,
    suite,
    build: { id: build, attempt: null, url: 'https://github.com/acme/shop/actions/runs/77', provider: 'github' },
    commit: { branch, sha, message: 'Round once', author: 'Grace', pullRequest: reported.pullRequest ?? null },
    shard: reported.shard ?? null,
    executor: reported.executor ?? 'gh-runner-1',
    versions: { playwright: '1.65.1', reporter: '0.1.0', node: '22.1.0' },
  });
  let sent = 0;
  const append = async (...entries: object[]) => {
    await call(request, url, 'reports.append', { runId, part, session, after: sent, entries });
    sent += entries.length;
  };
  const state = (index: number, status: string, more: object = {}) => ({
    type: 'case',
    index,
    status,
    attempt: 0,
    flaky: false,
    duration: status === 'running' ? null : 1_200,
    errors: [],
    ...more,
  });
  return {
    runId,
    /** A sign of life. */
    beat: () => append(),
    list: (...titles: string[]) => append({ type: 'cases', cases: titles.map(caseOf) }),
    start: (index: number) => append(state(index, 'running')),
    pass: (index: number) => append(state(index, 'passed')),
    /** Fails in the file of the case, in a step. */
    fail: (index: number) => {
      const line = 5 + 10 * index;
      const snippet = `  ${line - 1} | await cart.open();\n> ${line} | await pay.click();`;
      const error = { message: 'Error: the button is grey', snippet, line, column: 7 };
      const attempt = { caseIndex: index, attempt: 0, status: 'failed', duration: 900, error };
      return append(
        state(index, 'running'),
        { ...attempt, type: 'step', id: `a${index}`, parentId: null, category: 'case', title: 'Attempt', line: null },
        { ...attempt, type: 'step', id: `s${index}`, parentId: `a${index}`, category: 'pw:api', title: 'Click', line },
        state(index, 'failed', { errors: [error] }),
      );
    },
    log: (caseIndex: number, text: string) => append({ type: 'log', stream: 'stdout', text, caseIndex, attempt: 0 }),
    /** Sends a picture that the case's comparison with a baseline left. */
    compare: async (index: number, role: 'expected' | 'actual' | 'diff', path: string, picture: Buffer) => {
      const file = `attachments/${index}/${role}.png`;
      const headers = { 'x-runlight-session': session, 'content-type': 'image/png' };
      await request.put(`${url}/api/reports/${runId}/${part}/files/${file}`, { headers, data: picture });
      const what = { kind: 'screenshot', name: `home-${role}.png`, contentType: 'image/png' };
      await append({ type: 'artifact', file, ...what, caseIndex: index, attempt: 0, snapshot: { path, role } });
    },
    finish: (status: 'passed' | 'failed' | 'interrupted') =>
      call(request, url, 'reports.finish', { runId, part, session, after: sent, status, undelivered: null }),
  };
}

/** Reports a whole run: one case that passes, and one that fails if `failed`. Resolves to its id. */
export async function reportRun(
  request: APIRequestContext,
  url: string,
  { failed = false, ...reported }: Reported & { failed?: boolean },
): Promise<string> {
  const reporter = await beginReport(request, url, reported);
  await reporter.list('adds to the cart', 'pays by card');
  await reporter.start(0);
  await reporter.pass(0);
  if (failed) await reporter.fail(1);
  else await reporter.pass(1);
  await reporter.finish(failed ? 'failed' : 'passed');
  return reporter.runId;
}
