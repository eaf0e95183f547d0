import { once } from 'node:events';
import { chown, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  begin,
  isRoot,
  kill,
  processesIn,
  query,
  readNotes,
  useEmbeddedPostgres,
  users,
  writeNote,
} from '#server/testing/embedded-postgres-rig.ts';
import { eventually } from '#server/testing/eventually.ts';

const rig = useEmbeddedPostgres();
const { loadChild, logger, start, startAgain, startChild } = rig;

describe.each(users)('as $user', ({ ids }) => {
  let dataDir: string;
  beforeEach(async () => {
    const home = path.join(rig.root, 'home');
    await mkdir(home);
    await chown(home, ids.uid ?? process.getuid!(), ids.gid ?? process.getgid!());
    dataDir = path.join(home, 'data');
  });

  test('a killed process loses no committed data, and the next start has the server', async () => {
    const first = await startChild(dataDir, ids);
    await writeNote(first, 'kept');
    await kill(first.child);
    const second = await startChild(dataDir, ids);
    expect(await readNotes(second)).toEqual(['kept']);
    expect(second.adopted).toBe(second.pid === first.pid);
    // Root's server ends with its owner; without a user namespace nothing does that, and the server is taken over.
    expect(second.adopted).toBe(ids.uid !== undefined || !isRoot);
    second.child.send('stop');
    await once(second.child, 'exit');
    expect(await processesIn(rig.root)).toEqual([]);
  });

  test('a start that is killed while it makes the cluster leaves a usable directory', async () => {
    const child = await loadChild(dataDir, ids);
    child.send('start');
    await eventually(async () => {
      const [draft] = (await readdir(dataDir)).filter((name) => name.startsWith('postgres.'));
      expect(await readdir(path.join(dataDir, draft!))).toContain('PG_VERSION');
    });
    await kill(child);
    expect(await readdir(dataDir)).not.toContain('postgres');
    const next = await startChild(dataDir, ids);
    await writeNote(next, 'works');
    await kill(next.child);
    if (!isRoot || ids.uid !== undefined) await rig.stopOrphan(next.pid);
  });

  test('of two processes that start at the same time, one wins and the other gets an error that says why', async () => {
    const contenders = await Promise.all([loadChild(dataDir, ids), loadChild(dataDir, ids)]);
    const answers = await Promise.all(contenders.map(begin));
    const winner = answers.findIndex((answer) => !('error' in answer));
    const loser = answers[1 - winner];
    expect(loser).toEqual({ error: expect.stringContaining(`process ${contenders[winner]!.pid}.`) });
    contenders[winner]!.send('stop');
    await once(contenders[winner]!, 'exit');
  });
});

test('a server starts although another process has the pid of the crashed server', async () => {
  const dataDir = path.join(rig.root, 'data');
  const pidFile = path.join(dataDir, 'postgres', 'postmaster.pid');
  const other = rig.spawn('sleep', ['600']);
  let text: string;
  {
    await using first = await startAgain(dataDir);
    text = await readFile(pidFile, 'utf8');
    await writeNote(first, 'kept');
  }
  await writeFile(pidFile, text.replace(/^\d+/, String(other.pid)));
  await using second = await start(dataDir);
  expect(await readNotes(second)).toEqual(['kept']);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});

test('a server that ends unexpectedly is started again with its data at the same address', async () => {
  await using postgres = await startAgain(path.join(rig.root, 'data'));
  await query(postgres, 'create table kept (n int)');
  for (const signal of ['SIGKILL', 'SIGQUIT'] as const) {
    const before = postgres.pid;
    process.kill(before, signal);
    await eventually(() => expect(postgres.pid).not.toBe(before));
    expect(await query(postgres, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  }
});

test('a server that cannot be started again is reported, and disposing frees the directory', async () => {
  const dataDir = path.join(rig.root, 'data');
  {
    await using postgres = await startAgain(dataDir);
    process.kill(postgres.pid, 'SIGQUIT');
    await eventually(() =>
      expect(logger.warn).toHaveBeenCalledWith(
        expect.objectContaining({ log: path.join(dataDir, 'postgres.log') }),
        'The embedded Postgres ended unexpectedly',
      ),
    );
  }
  await using next = await start(dataDir);
  expect(next.adopted).toBe(false);
});
