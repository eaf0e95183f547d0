import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { databaseUrl } from '#server/testing/database-url.ts';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

const accounts = { BASE_URL: 'https://runlight.example', AUTH_SECRET: 'x'.repeat(32) };

function resetPassword(env: Record<string, string>, ...args: string[]) {
  return new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--enable-source-maps', 'dist/server/reset-password.js', ...args],
      { cwd: path.dirname(import.meta.dirname), env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('an operator makes a reset link on the server, and the audit log shows it', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const DATABASE_URL = databaseUrl(app.database);

  const unknown = await resetPassword({ ...accounts, DATABASE_URL }, 'bob@example.com');
  expect(unknown).toEqual({
    code: 1,
    stdout: '',
    stderr: 'No link was made: No user has the address bob@example.com.\n',
  });
  const made = await resetPassword({ ...accounts, DATABASE_URL }, 'Ada@example.com');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const secret = /^https:\/\/runlight\.example\/reset\/(?<secret>\S+)\n/.exec(made.stdout)!.groups!['secret']!;
  const opened = await fetch(`${app.url}/api/password-resets/${secret}`);
  expect(await opened.json()).toEqual({ email: 'ada@example.com' });
  const { items } = await ada.api.audit.list.query({ action: ['member.reset_link_created'] });
  expect(items).toMatchObject([{ actorKind: 'system', actorName: 'Runlight', targetName: 'Ada' }]);
  expect(JSON.stringify(items)).not.toContain(secret);
});

test('the reason why no link can be made is printed in one line', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight reset '));
  const [none, unsaid, unreachable] = await Promise.all([
    resetPassword({ DATA_DIR: dir }, 'ada@example.com'),
    resetPassword(accounts),
    resetPassword({ ...accounts, DATABASE_URL: 'postgres://me:secret@127.0.0.1:9/db' }, 'ada@example.com'),
  ]);
  await rm(dir, { recursive: true });
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There are no accounts') });
  expect(unsaid).toMatchObject({ code: 1, stderr: expect.stringContaining('npm run reset-password -- EMAIL') });
  expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
  for (const { stderr } of [none, unsaid, unreachable]) expect(stderr).toMatch(/^No link was made: [^\n]*\n$/);
  expect(unreachable.stderr).not.toContain('secret');
});
