import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { firstProcess } from './start-process.ts';

test('bubblewrap says its first process, also if it is killed while it does', async () => {
  const { stdio } = spawn(
    'bwrap',
    ['--ro-bind', '/', '/', '--unshare-user', '--unshare-pid', '--info-fd', '3', 'true'],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  const said = await text(stdio[3] as Readable);
  const { 'child-pid': pid } = JSON.parse(said) as { 'child-pid': number };
  expect(pid).toBeGreaterThan(0);
  // It writes line by line, and the number is part of one.
  const ends = ['', '{', said.slice(0, said.indexOf(',')), said];
  expect(await Promise.all(ends.map((end) => firstProcess(Readable.from([end]))))).toEqual([
    undefined,
    undefined,
    pid,
    pid,
  ]);
});
