import { readdirSync } from 'node:fs';
import os from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EntryQueue } from './entry-queue.ts';

const files = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith('runlight-reporter-')).length;

test('lines come in order and each once, whatever is kept in memory and however they are taken', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => JSON.stringify(text));
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.array(line, { maxLength: 40 }) }) },
    fc.record({ take: fc.integer({ min: 1, max: 30 }), chars: fc.integer({ min: 1, max: 400 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 0, max: 500 }),
      async (steps, memoryChars) => {
        const queue = new EntryQueue({ memoryChars });
        const pushed: string[] = [];
        const taken: string[] = [];
        const take = async (most: number, chars: number) => {
          const lines = await queue.peek(most, chars);
          expect(await queue.peek(most, chars)).toEqual(lines);
          expect(lines.length).toBeLessThanOrEqual(most);
          expect(lines.length > 0).toBe(queue.length > 0);
          queue.drop(lines.length);
          taken.push(...lines);
        };
        try {
          for (const it of steps)
            if ('push' in it) {
              for (const text of it.push) expect(queue.push(text)).toBe(true);
              pushed.push(...it.push);
            } else await take(it.take, it.chars);
          expect(queue.length).toBe(pushed.length - taken.length);
          while (queue.length > 0) await take(1_000, 100_000);
          expect(taken).toEqual(pushed);
        } finally {
          queue.close();
        }
      },
    ),
  );
});

test('what is too much for memory is in a temporary file, which is removed', async () => {
  const before = files();
  const queue = new EntryQueue({ memoryChars: 1_000_000 });
  const line = 'x'.repeat(100_000);
  globalThis.gc?.();
  for (let index = 0; index < 500; index += 1) expect(queue.push(`${index} ${line}`)).toBe(true);
  expect(files()).toBe(before + 1);
  for (let index = 0; queue.length > 0;) {
    const lines = await queue.peek(20, 1_000_000);
    for (const text of lines) {
      expect(Number.parseInt(text, 10)).toBe(index);
      index += 1;
    }
    queue.drop(lines.length);
  }
  queue.close();
  expect(files()).toBe(before);
});

test('a full file takes no more, and what it has is still there', async () => {
  const queue = new EntryQueue({ memoryChars: 100, fileBytes: 2_000 });
  const accepted = Array.from({ length: 100 }, (_, index) => queue.push(`${index}`.padEnd(100))).filter(Boolean).length;
  expect(accepted).toBe(queue.length);
  expect(accepted).toBeGreaterThan(10);
  expect(accepted).toBeLessThan(30);
  expect((await queue.peek(1, 1_000))[0]?.trim()).toBe('0');
  queue.close();
});
