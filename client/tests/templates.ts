/** Templates for a new test. Each passes as it is. */
export const templates = {
  browser: {
    label: 'Browser test',
    script: `import { expect, test } from '@playwright/test';

test('the page greets', async ({ page }) => {
  // Open your own page instead: await page.goto('https://example.com');
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

// Replace this with the address of your API. RUNLIGHT_URL is the address of this Runlight.
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
