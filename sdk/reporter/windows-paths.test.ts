import path from 'node:path';
import type { Suite, TestCase } from '@playwright/test/reporter';
import { expect, test, vi } from 'vitest';
import { toTestError } from '#shared/playwright/errors.ts';
import { htmlReportDir } from './html-report.ts';
import { SuiteCases } from './suite-cases.ts';
import { suiteNameOf } from './suite-name.ts';

// What Node has there.
vi.mock('node:path', async (importOriginal) => {
  const { win32 } = await importOriginal<typeof path>();
  return { ...win32, default: win32 };
});

const rootDir = 'C:\\Users\\Ada Löve\\shop\\e2e';
const file = `${rootDir}\\cart\\pay.spec.ts`;

test('on Windows, files of cases are named as everywhere, and lines and code are those of the file of the case', () => {
  expect(path.sep).toBe('\\');
  const location = { file, line: 7, column: 3 };
  const testCase = {
    titlePath: () => ['', 'desktop', 'cart\\pay.spec.ts', 'pays'],
    location,
    tags: [],
    annotations: [],
    repeatEachIndex: 0,
    parent: { project: () => undefined },
  } as unknown as TestCase;
  const cases = new SuiteCases({ allTests: () => [testCase] } as Suite, rootDir);
  expect(cases.listed).toEqual([
    {
      position: null,
      project: 'desktop',
      file: 'cart/pay.spec.ts',
      titlePath: ['pays'],
      line: 7,
      tags: [],
      annotations: [],
    },
  ]);
  const { source } = cases.get(testCase)!;
  const error = { message: 'no', snippet: 'code', location };
  expect(toTestError(error, source)).toEqual({ message: 'no', snippet: 'code', line: 7, column: 3 });
  const helper = `${rootDir}\\node_modules\\helper\\index.js`;
  expect(toTestError({ ...error, location: { ...location, file: helper } }, source)).toEqual({
    message: 'no',
    snippet: null,
    line: null,
    column: null,
  });
});

test('on Windows, the HTML report is where Playwright writes it, and a suite without a package has the name of its folder', () => {
  const config = (options: object) =>
    ({ reporter: [['html', options]] }) as unknown as Parameters<typeof htmlReportDir>[0];
  const configDir = 'C:\\shop';
  expect(htmlReportDir(config({}), {}, configDir)).toBe('C:\\shop\\playwright-report');
  expect(htmlReportDir(config({ outputFolder: '..\\out' }), {}, configDir)).toBe('C:\\out');
  expect(htmlReportDir(config({}), { PLAYWRIGHT_HTML_OUTPUT_DIR: 'D:\\out' }, configDir)).toBe('D:\\out');
  expect(suiteNameOf('C:\\shop\\web')).toBe('web');
});
