/** A suite that is a package of a pnpm workspace: it checks answers with zod, and has fixtures of several scopes. */
export const workspaceSuite: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'shop', private: true }),
  'pnpm-workspace.yaml': 'packages: [packages/*]\n',
  'packages/orders/package.json': JSON.stringify({
    name: '@shop/orders',
    version: '1.0.0',
    main: 'index.js',
    dependencies: { zod: '4.6.0' },
  }),
  'packages/orders/index.js': `const { z } = require('zod');
exports.order = z.object({ id: z.number().int(), items: z.array(z.string()).min(1) });
`,
  'packages/e2e/package.json': JSON.stringify({
    name: 'e2e',
    version: '1.0.0',
    type: 'module',
    dependencies: { '@shop/orders': 'workspace:*' },
    devDependencies: { '@playwright/test': '1.65.1', zod: '4.6.0' },
  }),
  'packages/e2e/playwright.config.ts': `import { defineConfig } from '@playwright/test';
import type { Options } from './fixtures.ts';
export default defineConfig<Options>({
  testDir: 'tests',
  workers: 2,
  projects: [
    { name: 'euro', use: { currency: 'EUR' } },
    { name: 'dollar', use: { currency: 'USD' } },
  ],
});
`,
  'packages/e2e/fixtures.ts': `import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base } from '@playwright/test';
export interface Options {
  currency: string;
}
export const test = base.extend<Options & { log: string[]; cart: { add(item: string): void; items: string[] } }, { api: string }>({
  currency: ['EUR', { option: true }],
  api: [
    async ({}, use) => {
      const server: Server = createServer((_, response) => response.end('{"id":7,"items":["tea"]}')).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      await use(\`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`);
      server.close();
    },
    { scope: 'worker' },
  ],
  log: [
    async ({ currency }, use, info) => {
      const log = [currency];
      await use(log);
      await info.attach('log', { body: log.join('\\n'), contentType: 'text/plain' });
    },
    { auto: true },
  ],
  cart: async ({ log }, use) => {
    const items: string[] = [];
    await use({ items, add: (item) => void (items.push(item), log.push(item)) });
  },
});
export { expect } from '@playwright/test';
`,
  'packages/e2e/tests/orders.spec.ts': `import { order } from '@shop/orders';
import { z } from 'zod';
import { expect, test } from '../fixtures.ts';

test('an answer is an order', async ({ api, request }) => {
  expect(order.parse(await (await request.get(api)).json())).toEqual({ id: 7, items: ['tea'] });
});
test('an order without items is refused', () => expect(() => order.parse({ id: 7, items: [] })).toThrow(z.ZodError));
test.describe.serial('a cart', () => {
  test('takes tea', ({ cart }) => {
    cart.add('tea');
    expect(cart.items).toEqual(['tea']);
  });
  test('pays in euro', ({ currency }) => {
    test.skip(currency !== 'EUR', 'only in euro');
    expect(currency).toBe('EUR');
  });
});
test.fixme('gives change', () => {});
`,
};
