/**
 * Sample tests for an empty Runlight, in reading order; the last one fails on purpose. The sample job contains those that
 * pass.
 */
export function demoTests({ browserAvailable }: { browserAvailable: boolean }): {
  tests: { name: string; script: string }[];
  job: { name: string; testNames: string[] };
} {
  const passing = [healthEndpoint, stepsAndOutput, ...(browserAvailable ? [pageInBrowser] : [])];
  return {
    tests: [...passing, failingAssertion],
    job: { name: 'Smoke', testNames: passing.map(({ name }) => name) },
  };
}

const healthEndpoint = {
  name: 'Health endpoint answers',
  script: `import { test, expect } from '@playwright/test';

// No browser is needed to test an API. RUNLIGHT_URL is where this Runlight listens.
test('Runlight says that it is healthy', async ({ request }) => {
  const response = await request.get(\`\${process.env.RUNLIGHT_URL}/healthz\`);

  expect(response.status()).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});
`,
};

const stepsAndOutput = {
  name: 'Steps and console output',
  script: `import { test, expect } from '@playwright/test';

// Steps appear on the page of the run while they happen, and so does what a test prints.
test('A cart adds up', async () => {
  const cart: { item: string; price: number; amount: number }[] = [];

  await test.step('Fill the cart', async () => {
    cart.push({ item: 'Desk lamp', price: 39.5, amount: 1 });
    cart.push({ item: 'Light bulb', price: 2.5, amount: 4 });
    for (const { item, amount } of cart) console.log(\`\${amount} × \${item}\`);
  });

  const total = await test.step('Add up', async () => {
    const sum = cart.reduce((sum, { price, amount }) => sum + price * amount, 0);
    console.log(\`total: \${sum.toFixed(2)}\`);
    return sum;
  });

  await test.step('Check the total', async () => {
    expect(total).toBe(49.5);
  });
});
`,
};

const pageInBrowser = {
  name: 'A page in a browser',
  script: `import { test, expect } from '@playwright/test';

// Each test has a fresh page of its own.
test('A list grows with each entry', async ({ page }) => {
  await page.setContent(\`
    <form onsubmit="list.innerHTML += '<li>' + entry.value + '</li>'; this.reset(); return false">
      <label>New entry <input id="entry" /></label>
      <button>Add</button>
    </form>
    <ul id="list"></ul>
  \`);

  for (const entry of ['Milk', 'Bread']) {
    await page.getByLabel('New entry').fill(entry);
    await page.getByRole('button', { name: 'Add' }).click();
  }

  await expect(page.getByRole('listitem')).toHaveText(['Milk', 'Bread']);
});

test('Runlight can be reached from a browser', async ({ page }) => {
  await page.goto(\`\${process.env.RUNLIGHT_URL}/healthz\`);
  await expect(page.getByText('"ok"')).toBeVisible();
});
`,
};

const failingAssertion = {
  name: 'A failing assertion',
  script: `import { test, expect } from '@playwright/test';

// Fails on purpose: open the run to see what was expected, what came, and on which line.
test('The greeting is polite', async () => {
  const greeting = 'hello, world';

  expect(greeting, 'the greeting').toBe('Good morning, world');
});
`,
};
