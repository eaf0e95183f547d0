import { call, runScript } from './api.ts';
import { expect, test } from './accounts-app.ts';
import { quick } from './scripts.ts';

test('a viewer sees no action that needs another role, and reads the reason', async ({ ada, accounts, join }) => {
  const { testId, runId } = await runScript(ada, accounts.url, 'Watched by many', quick);
  const { id: jobId } = await call(ada, accounts.url, 'jobs.create', { name: 'Often', testIds: [testId] });
  const viewer = await join('Vera', 'viewer');
  await viewer.goto('/');
  await expect(viewer.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await viewer.goto('/tests');

  const actions = viewer.getByRole('main').getByRole('button', { name: /^(Run|Retry|Cancel|Save|Archive|Create)\b/ });
  const why = viewer.getByText('You are a viewer of this project');
  await expect(viewer.getByRole('table', { name: 'Tests' })).toBeVisible();
  await expect(actions).toHaveCount(0);
  await expect(viewer.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Variables' })).toBeHidden();

  await viewer.goto('/runs');
  await expect(
    viewer.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Watched by many' }),
  ).toBeVisible();
  await expect(actions).toHaveCount(0);
  await expect(viewer.getByRole('checkbox')).toHaveCount(0);

  await viewer.goto(`/runs/${runId}`);
  await expect(viewer.getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect(actions).toHaveCount(0);

  await viewer.goto(`/tests/${testId}`);
  await expect(why).toBeVisible();
  await expect(viewer.getByRole('textbox', { name: 'Name' })).toHaveAttribute('readonly');
  const script = viewer.getByRole('textbox', { name: 'Script' });
  await script.click();
  await viewer.keyboard.type('not mine');
  await expect(script).not.toContainText('not mine');
  await viewer.keyboard.press('ControlOrMeta+Enter');
  await expect(actions).toHaveCount(0);

  await viewer.goto(`/jobs/${jobId}?tab=settings`);
  await expect(why).toBeVisible();
  await expect(viewer.getByRole('textbox', { name: 'Name' })).toBeDisabled();
  await viewer.keyboard.press('ControlOrMeta+Enter');

  await viewer.keyboard.press('ControlOrMeta+k');
  const palette = viewer.getByRole('dialog', { name: 'Command palette' });
  await palette.getByRole('combobox').fill('watched');
  await expect(palette.getByRole('option', { name: /^Watched by many/ }).first()).toBeVisible();
  await expect(palette.getByRole('option', { name: /^Run / })).toHaveCount(0);
  await viewer.keyboard.press('Escape');

  await viewer.goto('/settings/variables');
  await expect(viewer.getByRole('heading', { name: 'Variables are for editors' })).toBeVisible();
  // The pressed keys have started no run.
  await viewer.goto('/runs');
  const runs = viewer.getByRole('table', { name: 'Runs' });
  await expect(runs.getByRole('link', { name: 'Watched by many' })).toHaveCount(1);
  await expect(runs.getByRole('link', { name: 'Often' })).toHaveCount(0);
});
