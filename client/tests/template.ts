/** What a new test begins as: it passes, and shows a page, a step and an assertion. */
export const scriptTemplate = `import { expect, test } from '@playwright/test';

test('the page greets', async ({ page }) => {
  // Replace this page by your own: await page.goto('https://example.com');
  await page.setContent('<h1>Hello</h1><button>Greet</button>');

  await test.step('greet', async () => {
    await page.getByRole('button', { name: 'Greet' }).click();
    console.log('greeted');
  });

  await expect(page.getByRole('heading')).toHaveText('Hello');
});
`;
