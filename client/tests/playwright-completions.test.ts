import { CompletionContext } from '@codemirror/autocomplete';
import { javascript } from '@codemirror/lang-javascript';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { playwrightCompletions } from './playwright-completions.ts';

/** The completions at the `|` of a text. */
function offered(text: string): string[] {
  const pos = text.indexOf('|');
  const state = EditorState.create({ doc: text.replace('|', ''), extensions: javascript({ typescript: true }) });
  ensureSyntaxTree(state, pos, 10_000);
  return playwrightCompletions(new CompletionContext(state, pos, false))?.options.map(({ label }) => label) ?? [];
}

test.each([
  ['page.|', 'getByRole'],
  ['page.get|', 'getByRole'],
  ['await page.keyboard.|', 'press'],
  ["page.getByRole('list').getByText('x').first().|", 'click'],
  ['expect(page).|', 'toHaveURL'],
  ["await expect(page.getByText('x')).|", 'toBeVisible'],
  ["await expect(page.getByText('x')).not.|", 'toBeVisible'],
  ['expect(1 + 1).|', 'toBe'],
  ["expect.soft(page.getByText('x')).|", 'toHaveText'],
  ['expect.|', 'stringContaining'],
  ['test.|', 'step'],
  ["const answer = await request.get('/');\nanswer.|", 'json'],
  ["const list = page.getByRole('list');\nconst first = list.first();\nfirst.|\nawait first.click();", 'fill'],
  ["(await page.goto('/')).|", 'status'],
  ["test('x', async ({ pa| }) => {});", 'page'],
  ['te|', 'test'],
])('%j offers %s', (text, label) => {
  expect(offered(text)).toContain(label);
});

test.each(['unknown.|', "const page = 'mine';\npage.|", 'expect(1).toBe(2).|', '// page.|', "'page.|'"])(
  '%j offers nothing of Playwright',
  (text) => {
    expect(offered(text)).toEqual([]);
  },
);
