import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Who may import whom. A folder imports from the rows above its own and, in its own row, never in a circle. */
const table = {
  base: 'shared shared/playwright shared/run-export sdk/live server/lib client/ui client/ui/code client/ui/log',
  settings: 'server/config client/live sdk/client',
  identity: 'server/identity',
  database: 'server/db server/db/embedded server/db/migrations',
  redis: 'server/redis',
  bus: 'server/bus',
  streams: 'server/sse server/live',
  telemetry: 'server/telemetry',
  procedures: 'server/trpc',
  features: `server/account server/activity server/artifacts server/audit server/badges server/cases server/jobs server/keys
    server/members server/notifications server/notifications/outbox server/organizations server/overview server/projects server/queue server/reports server/run-exports server/runs
    server/share-links server/snapshots server/suites server/tests server/variables server/workers`,
  authentication: 'server/auth',
  edges: `server/http server/execution server/execution/playwright server/execution/playwright/reporter
    server/execution/sandbox server/execution/suites server/maintenance server/demo`,
  processes: 'server/processes',
  start: 'server',
  tests: 'server/testing server/testing/conformance client/live/testing sdk/live/testing',
  package: `sdk sdk/reporter sdk/reporter/ci sdk/reporter/pipe sdk/testing sdk/cli sdk/cli/commands sdk/cli/config sdk/cli/model
    sdk/cli/process sdk/cli/push sdk/cli/push/git
    sdk/cli/reports sdk/cli/text sdk/cli/watch`,
  'package: tests': 'sdk/reporter/testing',
  'client: data': 'client/query',
  'client: session': 'client/session client/settings',
  'client: features': `client/account client/archive client/audit client/badges client/cases client/jobs client/keys client/members client/notifications
    client/organizations client/overview client/projects client/queue client/runs/actions client/runs/activity client/runs/artifacts
    client/runs/case-data client/runs/case-tree client/runs/case-view client/runs/history client/runs/list client/runs/log
    client/runs/repetitions client/runs/run-page client/runs/share-links client/runs/snapshots client/runs/status
    client/suites client/suites/bundles client/suites/git client/suites/watch client/tests client/tests/type-check client/variables
    client/workers`,
  'client: pages': 'client/shell client',
};

/** The only lines of the server that clients know, and only their type. */
const doors = ['client/query → server/http', 'sdk/client → server/http'];

const rows = Object.values(table).map((row) => row.split(/\s+/));
const rowOf = (folder: string) => rows.findIndex((row) => row.includes(folder));
const isClient = (folder: string) => /^(client|sdk)/.test(folder);
const sources = ['server', 'client', 'sdk', 'shared']
  .flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => path.posix.join(root, file)),
  )
  .filter((file) => /(?<!\.test|\.d)\.tsx?$/.test(file));
const imports = new Map<string, Set<string>>(sources.map((file) => [path.dirname(file), new Set()]));
for (const file of sources)
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([#.][^']+)'/g)) {
    const folder = path.dirname(file);
    const target = path.dirname(specifier.startsWith('#') ? specifier.slice(1) : path.join(folder, specifier));
    if (target !== folder) imports.get(folder)!.add(target);
  }

test('every folder stands in the table, and the table names no other', () => {
  expect([...imports.keys()].sort()).toEqual(rows.flat().sort());
});

test('imports point up the table, and clients know one type of the server', () => {
  const wrong = [...imports].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => rowOf(to) > rowOf(from) || (isClient(from) && !isClient(to) && !to.startsWith('shared')))
      .map((to) => `${from} → ${to}`),
  );
  expect(wrong.sort()).toEqual(doors);
  const fromServer = sources
    .filter(isClient)
    .flatMap((file) => readFileSync(file, 'utf8').match(/^import .* from '#server\/.*'/gm) ?? []);
  expect(new Set(fromServer)).toEqual(new Set(["import type { AppRouter } from '#server/http/router.ts'"]));
});

test('no folders import each other in a circle', () => {
  const done = new Set<string>();
  const visit = (folder: string, way: string[]): void => {
    if (way.includes(folder)) throw new Error(`A circle: ${[...way.slice(way.indexOf(folder)), folder].join(' → ')}`);
    if (done.has(folder)) return;
    for (const next of imports.get(folder) ?? []) visit(next, [...way, folder]);
    done.add(folder);
  };
  for (const folder of imports.keys()) visit(folder, []);
});
