import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appDir } from '#server/config/installation.ts';
import { axeSuite } from '#server/testing/axe-suite.ts';
import { writeSuite } from '#server/testing/executed-suite.ts';
import { freePort } from '#server/testing/free-port.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { runCommand } from '#server/testing/run-command.ts';
import { shopSuite } from '#server/testing/shop-suite.ts';
import { workspaceSuite } from '#server/testing/workspace-suite.ts';

// Where the worker finds pnpm.
const tools = mkdtempSync(path.join(os.tmpdir(), 'runlight-tools-'));
const pnpm = path.join(appDir, 'node_modules/pnpm/bin/pnpm.cjs');
symlinkSync(pnpm, path.join(tools, 'pnpm'));
process.env.PATH = `${tools}${path.delimiter}${process.env.PATH}`;

const app = useTestApp({ worker: true });
const rows: string[] = [];
afterAll(() => {
  rmSync(tools, { recursive: true });
  process.stdout.write(
    `\n  A suite                            passed  failed   flaky skipped    exit\n${rows.join('')}\n`,
  );
});

const npm = 'npm install --ignore-scripts --no-audit --no-fund';

describe('a suite, unchanged, has the counts and the exit code of npx playwright test', () => {
  it.each([
    ['of npm with page objects and axe', async () => axeSuite, npm, '', 1],
    ['of a pnpm workspace with zod', async () => workspaceSuite, `node ${pnpm} install`, 'packages/e2e', 0],
    ['with aliases, login and a server', async () => shopSuite(await freePort()), npm, '', 1],
  ] as const)('%s', async (name, filesOf, install, dir, exitCode) => {
    await using suite = await writeSuite(await filesOf(), { prepare: [install] });
    const here = await suite.runHere(path.join(dir, 'playwright.config.ts'));
    const { expected = 0, unexpected, flaky = 0, skipped } = here.counts;
    const env = { RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token };
    const command = await runCommand(['run', '--json', '--suite', name], { env, cwd: path.join(suite.dir, dir) });
    const [run] = (await app().client.api.runs.list.query({ kind: 'suite', search: name })).items;
    const counts = { passed: run!.passed - run!.flaky, failed: run!.failed, flaky: run!.flaky, skipped: run!.skipped };
    const row = (where: string, counts: object, code: number | null) =>
      `  ${`${name}, ${where}`.padEnd(48)}${[...Object.values(counts), code].map((it) => String(it).padStart(8)).join('')}\n`;
    const theirs = { passed: expected, failed: unexpected, flaky, skipped };
    rows.push(row('here', counts, command.exitCode), row('npx', theirs, here.code));
    expect({ ...counts, code: command.exitCode }, command.stderr).toEqual({ ...theirs, code: here.code });
    expect(here.code).toBe(exitCode);
  });
});
