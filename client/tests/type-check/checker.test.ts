import { expect, test } from 'vitest';
import types from 'virtual:script-types';
import { templates } from '#client/tests/templates.ts';
import { createChecker } from './checker.ts';

const checker = createChecker((name) => types[name]);
const variables = ['SHOP_URL'];
const withImports = (text: string) => `import { expect, test } from '@playwright/test';\n${text}`;

/** The marked texts of a script, and what is said of them. */
function warnings(script: string): [marked: string, message: string][] {
  return checker
    .problems({ script, variables })
    .map(({ from, to, message }) => [script.slice(from, to), message.split('\n')[0]!]);
}

test.each([
  ["test('x', async ({ page }) => { await page.getByRol('list'); });", 'getByRol', /Did you mean 'getByRole'/],
  ["test('x', async ({ page }) => { await page.getByRole('buton'); });", "'buton'", /not assignable/],
  ["test('x', async ({ pag }) => {});", 'pag', /does not exist/],
  ["test('x', async ({ page }) => { await page.goto(); });", 'goto', /Expected 1-2 arguments/],
  ["test('x', async ({ page }) => { page.goto('/'); });", "page.goto('/');", /Nothing waits/],
  ["test('x', async ({ page }) => { expect(page).toHaveURL('/'); });", "expect(page).toHaveURL('/');", /Nothing waits/],
  ["import { random } from 'lodash';\nrandom();", "'lodash'", /Cannot find module 'lodash'/],
  ["test('x', () => {", '', /'}' expected/],
])('%s is warned of', (text, marked, message) => {
  expect(warnings(withImports(text))).toEqual([[marked, expect.stringMatching(message)]]);
});

test.each([
  ...Object.values(templates).map(({ script }) => script),
  withImports(
    "test('x', async ({ page }) => { void page.goto('/'); page.close().catch(() => {}); expect(1).toBe(1); });",
  ),
  withImports("test('x', async ({ page }) => { await page.goto(process.env.SHOP_URL); });"),
  withImports("test('x', async ({ page }) => { await page.evaluate(() => document.title); });"),
  "const { test } = require('@playwright/test');\ntest('x', ({}, info) => { require('node:fs').mkdirSync(info.outputPath()); });",
  "import { readFile } from 'node:fs/promises';\nawait readFile(new URL('x', import.meta.url));",
  withImports('test.each = 1 as any as never;').replace(
    'test.each = 1 as any as never;',
    "test('x', (x) => { const a = []; a.push(x); });",
  ),
])('%s is not', (script) => {
  expect(warnings(script)).toEqual([]);
});

test('types describe what stands at an offset, and complete members, variables of the project and texts', () => {
  const names = (text: string) => {
    const script = withImports(text.replace('|', ''));
    return checker.names({ script, variables }, withImports(text).indexOf('|')).map(({ label }) => label);
  };
  expect(names("test('x', async ({ page }) => { const answer = await page.goto('/'); answer.| });")).toContain(
    'status',
  );
  expect(names('process.env.|')).toContain('SHOP_URL');
  expect(names("test('x', async ({ page }) => { page.getByRole('|') });")).toContain('button');
  expect(names('|')).toEqual([]);

  const script = withImports("test('x', async ({ page }) => { await page.goto('/'); });");
  const at = script.indexOf('goto');
  expect(checker.info({ script, variables }, at + 1)).toMatchObject({
    from: at,
    to: at + 4,
    type: expect.stringContaining('Page.goto(url: string'),
    documentation: expect.stringContaining('Returns the main resource response'),
  });
  expect(checker.info({ script, variables }, script.length)).toBeNull();
});

test('a script is checked anew after each change', () => {
  expect(warnings('const a: number = 1;')).toEqual([]);
  expect(warnings("const a: number = '1';")).toHaveLength(1);
  expect(warnings('const a: number = 1;')).toEqual([]);
});
