import { expect, test } from 'vitest';
import { setupsOf } from './setup-scripts.ts';

const state = 'playwright/.auth/user.json';
const writer = { script: `await page.context().storageState({ path: '${state}' });`, settings: {} };
const built = { script: 'await page.context().storageState({ path: path.join(dir, name) });', settings: {} };
const other = { script: 'await page.goto("/");', settings: {} };
const reader = { script: 'await page.goto("/");', settings: { use: { storageState: state } } };

test('the setups of a script are the earlier ones that write its storage state', () => {
  expect(setupsOf([other, writer, reader, reader], 3)).toEqual([1]);
  expect(setupsOf([writer, other], 1)).toEqual([]);
  expect(setupsOf([reader, writer], 0), 'later ones are none').toEqual([]);
  expect(setupsOf([built, other, reader], 2), 'the path may be put together of parts').toEqual([0]);
});

test('a script can name the state itself, and a file may be written without storageState()', () => {
  const uses = { script: `test.use({ storageState: "${state}" });`, settings: {} };
  expect(setupsOf([writer, built, uses], 2)).toEqual([0]);
  const copies = { script: `await fs.writeFile('${state}', process.env.STATE);`, settings: {} };
  expect(setupsOf([built, copies, reader], 2)).toEqual([1]);
});
