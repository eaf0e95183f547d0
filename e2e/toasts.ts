import type { BrowserContext, Page } from '@playwright/test';

/** Makes the pages of `context` remember the toasts that they show, which go away by themselves. */
export async function recordToasts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const titles: string[] = [];
    Object.assign(globalThis, { toastTitles: titles });
    new MutationObserver((records) => {
      for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
        if (!(node instanceof Element)) continue;
        for (const title of node.querySelectorAll('[data-sonner-toast] [data-title]'))
          titles.push(title.textContent ?? '');
      }
    }).observe(document, { childList: true, subtree: true });
  });
}

/** How many toasts with this title the page has shown since it was loaded. */
export function toastCount(page: Page, title: string): Promise<number> {
  return page.evaluate(
    (title) => (globalThis as unknown as { toastTitles: string[] }).toastTitles.filter((text) => text === title).length,
    title,
  );
}
