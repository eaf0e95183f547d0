import { createRequire } from 'node:module';
import path from 'node:path';

/** The packages of the Playwright that is installed with Runlight, and their folders. */
export function playwrightModules(): { name: string; dir: string }[] {
  const testPackage = createRequire(import.meta.url).resolve('@playwright/test/package.json');
  const playwrightPackage = createRequire(testPackage).resolve('playwright/package.json');
  const corePackage = createRequire(playwrightPackage).resolve('playwright-core/package.json');
  return [
    { name: '@playwright/test', dir: path.dirname(testPackage) },
    { name: 'playwright', dir: path.dirname(playwrightPackage) },
    { name: 'playwright-core', dir: path.dirname(corePackage) },
  ];
}
