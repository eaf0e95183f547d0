// Keeps compiled code of Playwright for the runs to come. Without it they work as well, and start later.
import { compilePlaywright } from '#server/worker/compile-playwright.ts';

try {
  await compilePlaywright();
} catch (error) {
  console.warn(`Runs will start later than they could: ${error instanceof Error ? error.message : error}`);
}
