import { expect } from 'vitest';
import type { RunEvent } from '#shared/events.ts';
import type { Stream } from './client.ts';
import { eventually } from './eventually.ts';

/** Scripts of Playwright tests, as users write them. */
const script = (body: string) => `import { test, expect } from '@playwright/test';\n\n${body}\n`;

export const passing = script(`test('adds', async () => {
  await test.step('one and one', () => expect(1 + 1).toBe(2));
  console.log('it is two');
});`);

export const failing = script(`test('adds wrongly', () => {
  expect(1 + 1, 'the sum').toBe(3);
});`);

export const broken = script(`test('never closed', () => {
  expect(1).toBe(1;
});`);

export const withoutTests = script(`console.log('nothing to see');`);

/** Never ends by itself, and says so when it has begun. */
export const endless = script(`test('waits', async () => {
  test.setTimeout(0);
  console.log('waiting');
  await new Promise((resolve) => setTimeout(resolve, 3_600_000));
});`);

/** Says so when it has begun, and ends when the address answers. */
export const waitsFor = (url: string) =>
  script(`test('waits for an answer', async () => {
  console.log('waiting');
  await fetch(${JSON.stringify(url)});
});`);

/** Resolves when a script that says so has begun. Until then Playwright starts, which takes a busy machine its time. */
export const begun = (events: Stream<RunEvent>) =>
  eventually(() => expect(events.data).toContainEqual(expect.objectContaining({ type: 'log' })), { withinMs: 120_000 });
