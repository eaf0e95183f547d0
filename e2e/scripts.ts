/** A test that prints a line every 200 ms, so many of them, and passes. */
export const ticker = (count: number) => `import { test } from '@playwright/test';

test('ticks', async () => {
  for (let tick = 1; tick <= ${count}; tick += 1) {
    console.log(\`tick \${tick}.\`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});
`;
