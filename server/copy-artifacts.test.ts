import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listFiles } from '#server/artifacts/list-files.ts';
import { startObjectStorage, storageCredentials } from '#server/testing/object-storage.ts';

function copy(env: Record<string, string>, ...args: string[]) {
  return new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--no-warnings', '--enable-source-maps', 'dist/server/copy-artifacts.js', ...args],
      { cwd: path.dirname(import.meta.dirname), env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('an operator copies all files into a bucket and back, and an interrupted copy goes on', async () => {
  await using storage = await startObjectStorage();
  const { bucket } = await storage.bucket('moved');
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-copy-'));
  const env = {
    ...storageCredentials,
    ARTIFACTS_S3_BUCKET: bucket,
    ARTIFACTS_S3_ENDPOINT: storage.url,
    DATA_DIR: path.join(dir, 'here'),
  };
  const files = ['run-1/report/index.html', 'run-1/näch#ste?.txt', 'run-2/a', 'bundles/project/hash.tar.gz'];
  for (const name of files) {
    const file = path.join(env.DATA_DIR, 'artifacts', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `content of ${name}`);
  }

  const first = await copy(env, 'local', 's3');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('Done. 3 folders; 4 files copied (0 MB), 0 were there.');
  await writeFile(path.join(env.DATA_DIR, 'artifacts/run-2/b'), 'new');
  const again = await copy(env, 'local', 's3');
  expect(again.stdout).toContain('1 files copied (0 MB), 4 were there');

  const there = { ...env, DATA_DIR: path.join(dir, 'there') };
  await copy(there, 's3', 'local');
  expect((await copy(there, 's3', 'local')).stdout).toContain('0 files copied (0 MB), 5 were there');
  const copied = await listFiles(path.join(there.DATA_DIR, 'artifacts'));
  expect(copied.map((it) => it.path).sort()).toEqual([...files, 'run-2/b'].sort());
  for (const name of files)
    expect(await readFile(path.join(there.DATA_DIR, 'artifacts', name), 'utf8')).toBe(`content of ${name}`);

  const unknown = await copy(env, 'local', 'nowhere');
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('npm run copy-artifacts -- local s3') });
  await storage[Symbol.asyncDispose]();
  const away = await copy(env, 'local', 's3');
  expect(away).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('cannot be reached') });
  await rm(dir, { recursive: true });
});
