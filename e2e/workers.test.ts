import { expect, test } from './app-test.ts';
import { endless } from './scripts.ts';

test('the workers page and the queue in the header show running runs', async ({ page, call, runScript }) => {
  await page.goto('/runs');
  await page.getByRole('link', { name: /^Workers/ }).click();
  const workers = page.getByRole('table', { name: 'Workers' });
  await expect(workers.getByText('Idle')).toBeVisible();

  const { runId } = await runScript('Keeps a worker busy', endless);
  const run = workers.getByRole('link', { name: 'Keeps a worker busy' });
  await expect(run).toHaveAttribute('href', `/runs/${runId}`);
  await page.getByRole('button', { name: 'Running 1/5 Queued 0/50' }).click();
  const queue = page.getByRole('dialog', { name: 'Queue' });
  await expect(queue.getByRole('region', { name: 'Running' }).getByRole('link')).toHaveText('Keeps a worker busy');
  await expect(queue.getByText('Nothing is waiting.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(queue).toBeHidden();
  await call('runs.cancel', { runId });
  await expect(workers.getByText('Idle')).toBeVisible();
  await expect(run).toHaveCount(0);
});
