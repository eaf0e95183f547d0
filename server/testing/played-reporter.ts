import { randomUUID } from 'node:crypto';
import type { inferRouterInputs } from '@trpc/server';
import type { ReportEntry } from '#shared/reports.ts';
import type { TestStatus } from '#shared/run-status.ts';
import type { AppRouter } from '#server/http/router.ts';
import type { TestClient } from './client.ts';

type BeginInput = inferRouterInputs<AppRouter>['reports']['begin'];
type EntryOf<Type extends ReportEntry['type']> = Extract<ReportEntry, { type: Type }>;

/** What a CI says when it begins to report; a build of its own unless `build` names one. */
export function beginInput(more: Partial<BeginInput> = {}): BeginInput {
  return {
    session: randomUUID(),
    suite: 'web',
    build: { id: randomUUID(), attempt: '1', url: 'https://ci.example/builds/7', provider: 'github' },
    commit: { branch: 'main', sha: 'a1b2c3d', message: 'fix: pay by card', author: 'Ada', pullRequest: '#12' },
    shard: null,
    executor: 'ci-7',
    versions: { playwright: '1.55.0', reporter: '0.1.0', node: '22.1.0' },
    ...more,
  };
}

/** The list of a part's cases, by their titles. */
export function casesEntry(...titles: string[]): EntryOf<'cases'> {
  return {
    type: 'cases',
    cases: titles.map((title, index) => ({
      position: null,
      project: 'chromium',
      file: 'shop/pay.spec.ts',
      titlePath: title.split(' › '),
      line: 3 + index,
      tags: [],
      annotations: [],
    })),
  };
}

export function caseEntry(index: number, status: TestStatus, more: Partial<EntryOf<'case'>> = {}): EntryOf<'case'> {
  const isOver = status !== 'running' && status !== 'pending';
  const errors = status === 'failed' ? [{ message: `case ${index} failed` }] : [];
  return {
    type: 'case',
    index,
    status,
    attempt: 0,
    flaky: false,
    duration: isOver ? 10 + index : null,
    errors,
    ...more,
  };
}

export function stepEntry(id: string, caseIndex: number, more: Partial<EntryOf<'step'>> = {}): EntryOf<'step'> {
  return {
    type: 'step',
    id,
    parentId: null,
    caseIndex,
    attempt: 0,
    category: 'pw:api',
    title: `Click ${id}`,
    status: 'running',
    duration: null,
    error: null,
    line: 5,
    ...more,
  };
}

export const logEntry = (text: string, caseIndex: number | null = null): EntryOf<'log'> => ({
  type: 'log',
  stream: 'stdout',
  text,
  caseIndex,
  attempt: caseIndex === null ? null : 0,
});

/** Begins to report as a reporter in a CI does, and reports by the typed client. */
export async function playReporter({ api }: Pick<TestClient, 'api'>, more: Partial<BeginInput> = {}) {
  const input = beginInput(more);
  const { session } = input;
  const begun = await api.reports.begin.mutate(input);
  const { runId, part } = begun;
  const of = { runId, part, session };
  let sent = begun.acknowledged;
  return {
    input,
    begun,
    ...of,
    sent: () => sent,
    async report(...entries: ReportEntry[]) {
      const { acknowledged } = await api.reports.append.mutate({ ...of, after: sent, entries });
      sent += entries.length;
      return acknowledged;
    },
    beat: () => api.reports.append.mutate({ ...of, after: sent, entries: [] }),
    finish: (status: 'passed' | 'failed' | 'timedout' | 'interrupted' = 'passed', undelivered: string | null = null) =>
      api.reports.finish.mutate({ ...of, after: sent, status, undelivered }),
  };
}
