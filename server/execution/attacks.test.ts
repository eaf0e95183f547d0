import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunLimits } from '#server/config/run-limits.ts';
import { type Attack, attacks, attempts, excesses } from '#server/testing/attacks.ts';
import { script } from '#server/testing/execute-scripts.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

/** What only this process knows. */
const secret = randomBytes(16).toString('hex');

/** Runs the attempts, the neighbours, and attacks without limits of their own. */
let app: TestSystem;
const outcomes: { attack: string; outcome: string; neighbour: string }[] = [];

async function system(limits: Partial<RunLimits> = {}): Promise<TestSystem> {
  const opened = await testApp({ worker: true, limits });
  const other = path.join(opened.dataDir, 'artifacts', 'other');
  await mkdir(other);
  await writeFile(path.join(other, 'secret.txt'), secret);
  return opened;
}

beforeAll(async () => {
  process.env.RUNLIGHT_TEST_SECRET = secret;
  app = await system();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  const width = Math.max(...outcomes.map(({ attack }) => attack.length));
  const lines = outcomes.map(
    ({ attack, outcome, neighbour }) => `  ${attack.padEnd(width)}  ${outcome.padEnd(26)}  ${neighbour}`,
  );
  process.stdout.write(
    `\n  ${'A script that …'.padEnd(width)}  ${'ends as'.padEnd(26)}  neighbour\n${lines.join('\n')}\n  ${outcomes.length} attacks\n\n`,
  );
});

function scriptOf({ url, dataDir, database }: TestSystem, { body }: Attack): string {
  const { host, port } = database;
  return script(`
    import fs from 'node:fs';
    import net from 'node:net';
    import childProcess from 'node:child_process';
    const api = ${JSON.stringify(url)};
    const dataDir = ${JSON.stringify(dataDir)};
    const socket = ${JSON.stringify(`${host}/.s.PGSQL.${port}`)};
    const connect = (to) => new Promise((resolve, reject) => net.connect(to).once('connect', resolve).once('error', reject));
    test('attacks', async () => { test.setTimeout(0); ${body} });`);
}

/** Runs the scripts, named by the keys, as one job, and returns what became of it. */
async function run({ client }: TestSystem, scripts: Record<string, string>) {
  const { api, stream } = client;
  const testIds: string[] = [];
  for (const [name, text] of Object.entries(scripts)) {
    const { id } = await api.tests.create.mutate({ name, script: text });
    testIds.push(id);
  }
  const { id } = await api.jobs.create.mutate({ name: 'Attacks', testIds });
  const { runId } = await api.jobs.run.mutate({ jobId: id });
  await stream((api) => api.runs.onStatus, { runId }).ended;
  return api.runs.byId.query({ runId });
}

type Run = Awaited<ReturnType<typeof run>>;

async function expectNothingStolen({ url, headers }: TestSystem, { artifacts }: Run) {
  for (const artifact of artifacts) {
    const text = await (await fetch(url + artifact.path, { headers })).text();
    expect(text).not.toContain(secret);
    expect(artifact.name).not.toMatch(/link|zero|fifo|passwd|run\.json/);
  }
}

/** Carries the attack out while a neighbour's run passes. */
async function carryOut(attack: Attack) {
  await using confined = attack.limits && (await system(attack.limits));
  const attacked = confined ?? app;
  const [outcome, neighbour] = await Promise.all([
    run(attacked, { [attack.name]: scriptOf(attacked, attack) }),
    run(app, { Neighbour: passing }),
  ]);
  outcomes.push({
    attack: attack.name,
    outcome: [outcome.status, outcome.errorCode].filter(Boolean).join(': '),
    neighbour: neighbour.status,
  });
  expect(neighbour).toMatchObject({ status: 'passed' });
  expect(outcome).toMatchObject({ status: attack.status, errorCode: attack.errorCode });
  expect(outcome.errorDetails ?? '').toMatch(attack.details);
  await expectNothingStolen(attacked, outcome);
}

it('says what keeps scripts in their place', async () => {
  const user = process.getuid!() === 0 ? 'own' : 'worker';
  expect(await (await fetch(`${app.url}/readyz`)).json()).toMatchObject({
    containment: { sandbox: 'bubblewrap', user, network: 'host', limits: ['prlimit', 'supervisor', 'seccomp'] },
  });
});

describe('a script that', () => {
  let together: Run;
  let neighbour: Run;
  beforeAll(async () => {
    const scripts = Object.fromEntries(attempts.map((attempt) => [attempt.name, scriptOf(app, attempt)]));
    [together, neighbour] = await Promise.all([run(app, scripts), run(app, { Neighbour: passing })]);
    await expectNothingStolen(app, together);
  });

  it.each(attempts)('$name', ({ name, status, details }) => {
    const outcome = together.tests.find((test) => test.name === name)!;
    outcomes.push({ attack: name, outcome: outcome.status, neighbour: neighbour.status });
    expect(neighbour).toMatchObject({ status: 'passed' });
    expect(outcome).toMatchObject({ status });
    expect(outcome.error?.message ?? '').toMatch(details);
  });

  it.each(attacks)('$name', carryOut);
});

describe('a script that takes too much: one that', () => {
  it.each(excesses)('$name', carryOut);
});
