import type { Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';

type AxeCore = typeof axe;

/** In dark, only colours differ, and to look for the rest again takes as long as the first time. */
const rules: Record<'light' | 'dark', RunOptions['runOnly']> = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** What axe finds on the page in both themes, each with where it is. Looks into no frames. */
export async function findings(page: Page): Promise<string[]> {
  const found = [];
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours that are on their way from one theme to the other are neither's.
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
