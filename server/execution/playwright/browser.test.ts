import path from 'node:path';
import { expect, it } from 'vitest';
import { findBrowser } from './browser.ts';

it('takes BROWSER_PATH, and refuses one that is not a program', () => {
  expect(findBrowser({ path: process.execPath })).toMatchObject({
    kind: 'given',
    readOnly: [path.dirname(process.execPath)],
  });
  expect(() => findBrowser({ path: import.meta.filename })).toThrow(/BROWSER_PATH=.* is not a program/);
  expect(() => findBrowser({ path: '/usr/bin' })).toThrow('is not a program');
});
