import type { Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';

type AxeCore = typeof axe;

/** The dark theme changes only colours, so the other rules are not checked again. */
const rules: Record<'light' | 'dark', RunOptions['runOnly']> = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** The violations that axe finds on the page in both themes, with their places. Frames are left out. */
export async function findings(page: Page): Promise<string[]> {
  const found = [];
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    // During a transition, colours belong to neither theme.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const violations = await page.evaluate(async (runOnly) => {
      const { axe } = globalThis as unknown as { axe: AxeCore };
      const { violations } = await axe.run(document, { runOnly: runOnly!, resultTypes: ['violations'] });
      return violations.map(
        ({ id, help, nodes }) => `${id}: ${help} at ${nodes.map(({ target }) => target).join(' | ')}`,
      );
    }, rules[colorScheme]);
    found.push(...violations.map((violation) => `${colorScheme}, ${violation}`));
  }
  return found;
}
