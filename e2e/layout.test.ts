import type { Page } from '@playwright/test';
import { expect, test } from './accounts-app.ts';
import { call, runScript } from './api.ts';
import { reportRun } from './report-suite.ts';

const widths = [1440, 768, 390, 320];
const heights: Record<number, number> = { 1440: 900, 768: 1024, 390: 844, 320: 568 };

/** 40 cases, some with long output and long titles. The last one fails. */
const manyCases = `
for (let n = 1; n <= 40; n++) {
  test('case ' + n + ' of a shop with a rather long title that no narrow window has the room for', async () => {
    await test.step('opens the basket', async () => console.log('a line of output '.repeat(20)));
    expect(n).toBeLessThan(40);
  });
}`;

test('no page is longer or wider than what it shows, and no cell of a table is too narrow for its text', async ({
  page,
  ada,
  accounts,
}) => {
  const { testId, runId } = await runScript(ada, accounts.url, 'Checkout with forty cases', manyCases);
  const job = await call(ada, accounts.url, 'jobs.create', { name: 'Nightly checks', testIds: [testId] });
  const ofJob = await call(ada, accounts.url, 'jobs.run', { jobId: job.id });
  for (const id of [runId, ofJob.runId]) {
    await page.goto(`/runs/${id}`);
    await expect(page.getByText('Failed', { exact: true }).first()).toBeVisible();
  }
  const suiteRun = await reportRun(ada, accounts.url, {
    suite: 'Web shop with a name of some length',
    branch: 'fix/receipt-rounding-when-the-tax-changes-in-the-middle-of-a-month',
    failed: true,
  });
  await page.goto('/suites');
  const suiteAddress = (await page.getByRole('link', { name: /^Web shop/ }).getAttribute('href'))!;
  await page.goto('/');
  const failingCase = page.getByRole('region', { name: 'Failing now' }).getByRole('link').first();
  const caseAddress = (await failingCase.getAttribute('href'))!;
  // Times of a month ago are dates, the longest form that they have.
  await page.clock.setFixedTime(Date.now() + 30 * 24 * 3_600_000);

  const lists = [
    '/',
    caseAddress,
    '/tests',
    '/tests?q=nothing',
    '/jobs',
    '/runs',
    '/runs?status=queued',
    '/workers',
    '/suites',
    '/suites?q=nothing',
    '/suites/watch?ci=azure',
    suiteAddress,
    `${suiteAddress}?tab=runs`,
    `${suiteAddress}?tab=cases`,
    `/runs/${suiteRun}`,
    '/no-such-page',
  ];
  const editors = ['/tests/new', `/tests/${testId}`, '/jobs/new', `/jobs/${job.id}`, `/jobs/${job.id}?tab=settings`];
  const tabs = ['log', 'report', 'artifacts', 'timeline', 'compare'].map((tab) => `/runs/${ofJob.runId}?tab=${tab}`);
  const sections = ['account', 'members', 'keys', 'projects', 'audit', 'variables', 'notifications'].map(
    (name) => `/settings/${name}`,
  );
  const faults: string[] = [];
  for (const address of [...lists, ...editors, `/runs/${runId}`, ...tabs, ...sections, '/sign-in', '/join/x']) {
    await page.goto(address);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    for (const width of widths) {
      await page.setViewportSize({ width, height: heights[width]! });
      await expect(async () => expect(await findFaults(page)).toEqual([]))
        .toPass({ timeout: 5_000 })
        .catch(async () => faults.push(`${address} at ${width}: ${(await findFaults(page)).join('; ')}`));
    }
  }
  expect(faults).toEqual([]);

  // The check finds what it is for: hidden labels that escape from a pane.
  await page.evaluate(() => {
    const pane = document.createElement('div');
    pane.style.cssText = 'height: 100px; overflow: auto';
    pane.innerHTML = '<p>A row <span class="sr-only">of a list</span></p>'.repeat(300);
    document.querySelector('main')!.append(pane);
  });
  expect(await findFaults(page)).toEqual([expect.stringMatching(/px high, but shows/)]);
});

/** In words, what is wrong with the layout of the page as it is. */
function findFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const clipped = (box: DOMRect, element: Element | null): { bottom: number; right: number } => {
      let { bottom, right } = box;
      for (let around = element; around && around !== document.body; around = around.parentElement) {
        if (getComputedStyle(around).overflow === 'visible') continue;
        const edge = around.getBoundingClientRect();
        bottom = Math.min(bottom, edge.bottom);
        right = Math.min(right, edge.right);
      }
      return { bottom, right };
    };
    const isShown = ({ width, height }: DOMRect) => width > 1 && height > 1;
    const found: string[] = [];

    const bottoms = [...document.body.querySelectorAll('*')].flatMap((element) => {
      const box = element.getBoundingClientRect();
      return isShown(box) && element.checkVisibility() ? [clipped(box, element.parentElement).bottom] : [];
    });
    const { scrollHeight, scrollWidth, clientHeight, clientWidth } = document.documentElement;
    const lowest = Math.max(clientHeight, ...bottoms.map((bottom) => bottom + window.scrollY));
    if (scrollHeight > lowest + 1) found.push(`${scrollHeight} px high, but shows ${Math.round(lowest)} px`);
    if (scrollWidth > clientWidth) found.push(`${scrollWidth} px wide in ${clientWidth} px`);

    for (const cell of document.querySelectorAll('td, th')) {
      const edge = cell.getBoundingClientRect().right;
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const range = document.createRange();
        range.selectNode(text);
        if (!text.parentElement!.checkVisibility() || !isShown(text.parentElement!.getBoundingClientRect())) continue;
        const right = clipped(range.getBoundingClientRect(), text.parentElement).right;
        if (right > edge + 1) found.push(`“${text.textContent}” overruns its cell by ${Math.round(right - edge)} px`);
      }
    }
    return found;
  });
}
