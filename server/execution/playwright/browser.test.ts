import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type Browser, findBrowser } from './browser.ts';

it('takes BROWSER_PATH, and refuses one that is not a program', () => {
  expect(findBrowser({ path: process.execPath })).toMatchObject({
    kind: 'given',
    readOnly: [path.dirname(process.execPath)],
  });
  expect(() => findBrowser({ path: import.meta.filename })).toThrow(/BROWSER_PATH=.* is not a program/);
  expect(() => findBrowser({ path: '/usr/bin' })).toThrow('is not a program');
});

it("finds Playwright's own Firefox, WebKit and ffmpeg where they are installed, and lets a run read them", async () => {
  const registry = await mkdtemp(path.join(tmpdir(), 'runlight-browsers-'));
  const program = `
    import { mkdirSync, writeFileSync } from 'node:fs';
    import path from 'node:path';
    import { firefox, webkit } from '@playwright/test';
    import { findBrowser } from '#server/execution/playwright/browser.ts';
    const install = (file) => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, '#!/bin/sh', { mode: 0o755 });
    };
    const before = findBrowser({ path: process.execPath });
    install(firefox.executablePath());
    install(path.join(${JSON.stringify(registry)}, 'ffmpeg-1013/ffmpeg-linux'));
    const between = findBrowser({ path: process.execPath });
    install(webkit.executablePath());
    console.log(JSON.stringify({ before, between, after: findBrowser({ path: process.execPath }) }));`;
  try {
    const args = ['--conditions=runlight-source', '--import=tsx', '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { PATH: process.env['PATH'], PLAYWRIGHT_BROWSERS_PATH: registry },
    });
    const { before, between, after } = JSON.parse(stdout) as Record<string, Browser>;
    const node = path.dirname(process.execPath);
    expect(before).toMatchObject({ others: [], readOnly: [node] });
    const found = { ffmpeg: path.join(registry, 'ffmpeg-1013/ffmpeg-linux') };
    expect(between).toMatchObject({ ...found, others: [{ name: 'firefox' }] });
    expect(after!.others!.map(({ name }) => name)).toEqual(['firefox', 'webkit']);
    const dirs = after!.readOnly.map((dir) => path.relative(registry, dir).replace(/-\d+$/, ''));
    expect(dirs.slice(1)).toEqual(['firefox', 'webkit', 'ffmpeg']);
  } finally {
    await rm(registry, { recursive: true });
  }
});
