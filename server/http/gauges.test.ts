import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { addGauge, addGauges } from './gauges.ts';

test('a gauge that cannot be read is left out, and is there again when it can', async () => {
  const registry = new Registry();
  let isAway = false;
  const read = async <T>(value: T) => {
    if (isAway) throw new Error('away');
    return value;
  };
  addGauge(registry, 'one', 'One value.', () => read(7));
  addGauge(registry, 'other', 'That needs nothing.', () => 1);
  addGauges(registry, ['several', 'kind'], 'Several values.', () => read({ a: 1, b: 2 }));
  const values = async () => (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));
  const all = ['one 7', 'other 1', 'several{kind="a"} 1', 'several{kind="b"} 2'];
  expect(await values()).toEqual(all);
  isAway = true;
  expect(await values()).toEqual(['other 1']);
  isAway = false;
  expect(await values()).toEqual(all);
});
