import { expect, test } from 'vitest';
import type { RunEvent } from '#shared/events.ts';
import { loadScreens } from './load-screens.ts';

const log = (seq: number, text: string): RunEvent => ({
  type: 'log',
  seq,
  at: '2026-01-01T00:00:00.000Z',
  stream: 'stdout',
  text,
});

test('plain output needs no emulator, and events that come while it is loaded wait for their turn', async () => {
  const appended: [seqs: number[], hasEmulator: boolean][] = [];
  let loaded = () => {};
  const isLoaded = new Promise<void>((resolve) => (loaded = resolve));
  const push = loadScreens((events, openScreen) => {
    appended.push([events.map(({ seq }) => seq), openScreen !== undefined]);
    if (openScreen) loaded();
  });
  push([log(1, 'plain \x1b[31mred\x1b[0m\r\n')]);
  push([log(2, '10 %\r20 %')]);
  push([log(3, 'plain\n')]);
  await isLoaded;
  push([log(4, 'plain\n')]);
  expect(appended).toEqual([
    [[1], false],
    [[2, 3], true],
    [[4], true],
  ]);
});
