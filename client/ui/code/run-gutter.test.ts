import { javascript } from '@codemirror/lang-javascript';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { testLines } from './run-gutter.ts';

function linesOf(lines: string[]): string[] {
  const state = EditorState.create({ doc: lines.join('\n'), extensions: javascript({ typescript: true }) });
  ensureSyntaxTree(state, state.doc.length, 60_000);
  // A state keeps the tree that it had when it was made, which a slow machine had not finished.
  return testLines(state.update({}).state).map((line) => lines[line - 1]!);
}

test('a test can be run from the line in which it begins, and from no other', () => {
  const tests = [
    `test('pays', async ({ page }) => {`,
    `  test("nested", () => {});`,
    '  test(`row ${i}`, { tag: "@smoke" }, async () => {});',
    `  test('row ' + i, function () {});`,
    `test.only('alone', () => {});`,
    `test.fail('is known', async () => {});`,
    `it('is called so', () => {});`,
    `shopTest('has fixtures', async ({ cart }) => {});`,
  ];
  expect(linesOf(tests)).toEqual(tests);
  expect(
    linesOf([
      `import { test } from '@playwright/test';`,
      `// test('in a comment', () => {});`,
      `const text = "test('in a text', () => {})";`,
      `test.describe('a group', () => {});`,
      `test.skip('never', () => {});`,
      `test.fixme('later', () => {});`,
      `test.beforeEach(async () => {});`,
      `await test.step('a step', async () => {});`,
      `test.setTimeout(1_000);`,
      `latest('news', () => {});`,
      `/x/.test('text');`,
    ]),
  ).toEqual([]);
});
