// Compiles Playwright's code for later runs with this RUN_MAX_HEAP_MB. Without it, runs start more slowly.
import { readEnv, runLimits } from '#server/config/env.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { compilePlaywright } from '#server/execution/playwright/compile-playwright.ts';

try {
  const { heapMb } = runLimits(readEnv({ RUN_MAX_HEAP_MB: process.env.RUN_MAX_HEAP_MB }));
  await compilePlaywright(heapMb);
} catch (error) {
  console.warn(`Playwright's code is not compiled, so runs start more slowly: ${errorMessage(error)}`);
}
