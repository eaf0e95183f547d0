import type { Page } from '@playwright/test';
import axe from 'axe-core';

type AxeCore = typeof axe;

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds on the page in both themes, each with where it is. Looks into no frames. */
export async function findings(page: Page): Promise<string[]> {
  const found = [];
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours that are on their way from one theme to the other are neither's.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const violations = await page.evaluate(async (tags) => {
      const { axe } = globalThis as unknown as { axe: AxeCore };
      const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
      return violations.map(
        ({ id, help, nodes }) => `${id}: ${help} at ${nodes.map(({ target }) => target).join(' | ')}`,
      );
    }, tags);
    found.push(...violations.map((violation) => `${colorScheme}, ${violation}`));
  }
  return found;
}
