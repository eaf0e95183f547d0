/** A suite of npm with page objects, a package for accessibility, loops, tags, steps and retries. */
export const axeSuite: Record<string, string> = {
  'package.json': JSON.stringify({
    name: 'forms',
    private: true,
    devDependencies: { '@axe-core/playwright': '4.13.0', '@playwright/test': '1.65.1' },
  }),
  'playwright.config.ts': `import { defineConfig, devices } from '@playwright/test';
export default defineConfig({
  testDir: './tests',
  retries: 1,
  fullyParallel: true,
  use: { trace: 'on-first-retry' },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1280, height: 720 } } },
    { name: 'phone', use: { ...devices['Pixel 7'] }, grepInvert: /@desktop/ },
  ],
});
`,
  'pages/form-page.ts': `import type { Locator, Page } from '@playwright/test';
export class FormPage {
  readonly name: Locator;
  constructor(private readonly page: Page) {
    this.name = page.getByLabel('Name');
  }
  async open(label = '<label for="name">Name</label>') {
    await this.page.setContent(\`<html lang="en"><head><title>Form</title></head><body><main><h1>Form</h1>\${label}
      <input id="name"><p id="greeting"></p></main><script>
      document.querySelector('input').oninput = (event) => (document.querySelector('#greeting').textContent = 'Hello ' + event.target.value);
      </script></body></html>\`);
  }
  get greeting() {
    return this.page.locator('#greeting');
  }
}
`,
  'tests/form.spec.ts': `import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { FormPage } from '../pages/form-page';

test.describe('the form', () => {
  let form: FormPage;
  test.beforeEach(async ({ page }) => {
    form = new FormPage(page);
    await form.open();
  });
  for (const name of ['Ada', 'Grace'])
    test(\`greets \${name}\`, { tag: '@smoke' }, async () => {
      await test.step('fill in', () => form.name.fill(name));
      await expect(form.greeting).toHaveText(\`Hello \${name}\`);
    });
  test('has no violation', async ({ page }) => {
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
  test('fills the screen', { tag: '@desktop' }, ({ viewport }) => expect(viewport?.width).toBe(1280));
  test('passes in the end', ({}, info) => expect(info.retry).toBe(1));
});
test('an input without a label is a violation', async ({ page }) => {
  await new FormPage(page).open('');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
});
test('is for desktops', ({ isMobile }) => test.skip(isMobile, 'not on phones'));
`,
};
