// Keeps compiled code of Playwright for the runs to come, with the heap that they will have. Without it they work as well, and
// start later.
import { readEnv, runLimits } from '#server/config/env.ts';
import { compilePlaywright } from '#server/execution/playwright/compile-playwright.ts';

try {
  const { heapMb } = runLimits(readEnv({ RUN_MAX_HEAP_MB: process.env.RUN_MAX_HEAP_MB }));
  await compilePlaywright(heapMb);
} catch (error) {
  console.warn(`Runs will start later than they could: ${error instanceof Error ? error.message : error}`);
}
