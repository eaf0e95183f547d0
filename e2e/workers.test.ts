import { expect, test } from './app-test.ts';

test('the workers show what they run, and so does the queue in the header', async ({ page, baseURL }) => {
  await page.goto('/runs');
  await page.getByRole('link', { name: /^Workers/ }).click();
  const workers = page.getByRole('table', { name: 'Workers' });
  await expect(workers.getByText('Idle')).toBeVisible();

  const call = async (procedure: string, data: object) => {
    const response = await page.request.post(`${baseURL}/api/trpc/${procedure}`, { data });
    return ((await response.json()) as { result: { data: { id: string; runId: string } } }).result.data;
  };
  const script = `import { test } from '@playwright/test';\ntest('waits', () => new Promise(() => {}));\n`;
  const { id: testId } = await call('tests.create', { name: 'Keeps a worker busy', script });
  const { runId } = await call('tests.run', { testId });
  const run = workers.getByRole('link', { name: 'Keeps a worker busy' });
  await expect(run).toHaveAttribute('href', `/runs/${runId}`);
  await page.getByRole('button', { name: 'Running 1/5 Queued 0/50' }).click();
  const queue = page.getByRole('dialog', { name: 'Queue' });
  await expect(queue.getByRole('region', { name: 'Running' }).getByRole('link')).toHaveText('Keeps a worker busy');
  await expect(queue.getByText('Nothing is waiting.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(queue).toBeHidden();
  await call('runs.cancel', { runId });
  await expect(workers.getByText('Idle')).toBeVisible({ timeout: 20_000 });
  await expect(run).toHaveCount(0);
});
