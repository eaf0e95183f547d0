/** The samples of an empty Runlight: what a first test may look like, and what a failure looks like. */
export function demoTests({ browserAvailable }: { browserAvailable: boolean }): {
  tests: { name: string; script: string }[];
  job: { name: string; testNames: string[] };
} {
  const tests = [
    {
      name: 'Health endpoint answers',
      script: `import { test, expect } from '@playwright/test';

test('Runlight says that it is healthy', async ({ request }) => {
  const response = await request.get(process.env.RUNLIGHT_URL + '/healthz');
  expect(response.status()).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});
`,
    },
    {
      name: 'Steps and console output',
      script: `import { test, expect } from '@playwright/test';

test('A cart adds up', async () => {
  const cart: { name: string; price: number }[] = [];
  await test.step('put two things into the cart', async () => {
    cart.push({ name: 'lamp', price: 40 }, { name: 'bulb', price: 2.5 });
    console.log('cart:', cart.map((item) => item.name).join(', '));
  });
  await test.step('check the total', async () => {
    const total = cart.reduce((sum, item) => sum + item.price, 0);
    console.log('total:', total);
    expect(total).toBe(42.5);
  });
});
`,
    },
    {
      name: 'A failing assertion',
      script: `import { test, expect } from '@playwright/test';

test('The greeting is polite', async () => {
  const greeting = 'hello, world';
  expect(greeting, 'the greeting').toBe('Good morning, world');
});
`,
    },
    ...(browserAvailable
      ? [
          {
            name: 'A page in a browser',
            script: `import { test, expect } from '@playwright/test';

test('A button counts', async ({ page }) => {
  await page.setContent('<button onclick="this.textContent = Number(this.textContent) + 1">0</button>');
  await page.getByRole('button').click();
  await page.getByRole('button').click();
  await expect(page.getByRole('button')).toHaveText('2');
});
`,
          },
        ]
      : []),
  ];
  return {
    tests,
    job: {
      name: 'Smoke',
      testNames: tests.map((test) => test.name).filter((name) => name !== 'A failing assertion'),
    },
  };
}
