/**
 * A Playwright project as teams have them: fixtures, page objects, projects that depend on one another, a page in a browser (the
 * program `CHROMIUM`), and every kind of result. Each failure costs the start of a worker, so there is one of a kind.
 */
export const fixtureSuite: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'the-shop', private: true }),
  'playwright.config.ts': `import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: './e2e',
  outputDir: './results',
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: 'setup', testMatch: /.*\\.setup\\.ts/ },
    { name: 'desktop', testMatch: /.*\\.spec\\.ts/, dependencies: ['setup'], use: { basket: 'large' } as object },
    { name: 'phone ☎', testMatch: /shop\\.spec\\.ts/, grep: /@phone/, dependencies: ['setup'], use: { basket: 'small' } as object },
    {
      name: 'browser',
      testMatch: /.*\\.page\\.ts/,
      use: {
        trace: 'on',
        video: 'on',
        screenshot: 'on',
        launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] },
      },
    },
  ],
});
`,
  'pages/basket.ts': `/** A page object. */
export class Basket {
  readonly size: string;
  #count = 0;

  constructor(size: string) {
    this.size = size;
  }

  add(count: number) {
    if (count < 0) throw new RangeError('nothing is less than nothing', { cause: new Error('the count is ' + count) });
    this.#count += count;
  }

  get count() {
    return this.#count;
  }
}
`,
  'fixtures.ts': `import { test as base } from '@playwright/test';
import { Basket } from './pages/basket';

export const test = base.extend<{ basket: string; page1: Basket }>({
  basket: ['none', { option: true }],
  page1: async ({ basket }, use) => {
    await use(new Basket(basket));
  },
});
export { expect } from '@playwright/test';
`,
  'e2e/sign-in.setup.ts': `import { test } from '../fixtures';

test('signs in', () => {});
`,
  'e2e/shop.page.ts': `import { test, expect } from '@playwright/test';

test('is seen', async ({ page }) => {
  await page.setContent('<h1>Shop</h1><button>Buy</button>');
  await page.getByRole('button').click();
  await expect(page.locator('h1')).toHaveText('Shop');
});
`,
  'e2e/shop.spec.ts': `import { writeFileSync } from 'node:fs';
import { test, expect } from '../fixtures';

test.describe('a basket', () => {
  test('counts', { tag: ['@fast', '@phone'] }, async ({ page1 }) => {
    await test.step('put in', async () => {
      page1.add(1);
      await test.step('put in more', () => page1.add(2));
    });
    expect(page1.count).toBe(3);
  });

  test.describe('that is wrong', () => {
    test('fails', async ({ page1 }) => {
      console.log('printed by a test');
      console.error('and its error');
      test.info().annotations.push({ type: 'issue', description: 'https://example.com/1' });
      await test.step('take too much out', () => page1.add(-1));
    });

  });
});

test.describe('with a second try', () => {
  test.describe.configure({ retries: 1 });
  test('passes in the end @phone', ({}, info) => {
    expect(info.retry).toBe(1);
  });
  test('never passes, softly and twice', () => {
    expect.soft(1, 'the first').toBe(2);
    expect.soft(2, 'the second').toBe(3);
  });
});

test.skip('is skipped @phone', () => {});
test.fixme('is to be fixed', () => {});
test('is skipped while it runs', () => test.skip(true, 'not today'));

test('fails as it should', () => {
  test.fail();
  expect(1).toBe(2);
});

test('should fail and passes', () => {
  test.fail();
});

test('takes too long', async () => {
  test.setTimeout(300);
  await new Promise(() => {});
});

test('attaches', async ({}, info) => {
  await info.attach('text', { body: 'a few words', contentType: 'text/plain' });
  writeFileSync(info.outputPath('photo.png'), 'not a picture');
  await info.attach('photo', { path: info.outputPath('photo.png'), contentType: 'image/png' });
  info.attachments.push({ name: 'gone', path: info.outputPath('gone.txt'), contentType: 'text/plain' });
});

test('has a title with "quotes", ünïcödé 🎭 and › signs', () => {});
test('<b>%00</b> \\u202e \\u0007 \\ud800 \\t \${x} {{y}} | \\\\ ', () => {});
`,
  'e2e/hooks.spec.ts': `import { test } from '../fixtures';

test.describe('a hook before all', () => {
  test.beforeAll(() => {
    throw new Error('the database is away');
  });
  test('never begins', () => {});
  test('does not either', () => {});
});

test.describe('a hook after each', () => {
  test.afterEach(() => {
    throw new Error('cannot clean up');
  });
  test('passes, and its hook does not', () => {});
});
`,
  'e2e/serial.spec.ts': `import { test, expect } from '../fixtures';

test.describe.configure({ mode: 'serial', retries: 1 });
test('one', () => {});
test('two', ({}, info) => {
  expect(info.retry).toBe(1);
});
test('three', () => {
  expect('never').toBe('right');
});
test('four', () => {});
`,
};
