/** What a new test begins as. Each passes as it is, and shows how its kind is written. */
export const templates = {
  browser: {
    label: 'Browser test',
    script: `import { expect, test } from '@playwright/test';

test('the page greets', async ({ page }) => {
  // Replace this page by your own: await page.goto('https://example.com');
  await page.setContent(\`
    <button onclick="answer.textContent = 'Hello!'">Greet</button>
    <p id="answer"></p>
  \`);

  await test.step('greet', async () => {
    await page.getByRole('button', { name: 'Greet' }).click();
    console.log('greeted');
  });

  await expect(page.getByText('Hello!')).toBeVisible();
});
`,
  },
  api: {
    label: 'API test',
    script: `import { expect, test } from '@playwright/test';

// Replace this address by that of your own API. RUNLIGHT_URL is where this Runlight listens.
const api = process.env.RUNLIGHT_URL;

test('the API answers', async ({ request }) => {
  const response = await request.get(\`\${api}/healthz\`);
  expect(response.status()).toBe(200);

  await test.step('check the answer', async () => {
    const answer = await response.json();
    console.log('answer:', answer);
    expect(answer).toMatchObject({ status: 'ok' });
  });
});
`,
  },
} as const;

export type TemplateName = keyof typeof templates;
