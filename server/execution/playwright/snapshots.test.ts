import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bubblewrap, noSandbox } from '#server/execution/sandbox/sandbox.ts';
import { type Execution, executeScripts, script } from '#server/testing/execute-scripts.ts';

const page = (text: string) => `await page.setContent('<h1 style="font:40px monospace">${text}</h1>');`;
const home = (text: string) =>
  script(
    `test('looks as before', async ({ page }) => { ${page(text)} await expect(page).toHaveScreenshot('home.png'); });`,
  );

/** What the artifacts of a run have to do with baselines. */
const snapshotsOf = ({ outcome }: Execution) =>
  outcome.artifacts.flatMap(({ kind, position, snapshot }) => (snapshot ? [{ kind, position, ...snapshot }] : []));

async function contentOf({ outcome, runDir }: Execution, role: string, name?: string): Promise<Buffer> {
  const { path: file } = outcome.artifacts.find(
    ({ snapshot }) => snapshot?.role === role && (name === undefined || snapshot.path === name),
  )!;
  return readFile(path.join(runDir, 'output', file));
}

describe.each([noSandbox, bubblewrap()])('a picture, in sandbox "$kind"', (sandbox) => {
  it('without a baseline is an artifact, and is compared with once it is one', async () => {
    await using first = await executeScripts({ Home: home('Hello') }, { sandbox });
    expect(first.outcome).toMatchObject({
      status: 'failed',
      errorDetails:
        'Error: There is no baseline "home-chromium-linux.png" yet: accept what was taken on the page of the run.',
    });
    const artifact = { kind: 'screenshot', position: 0, path: 'home-chromium-linux.png' };
    expect(snapshotsOf(first)).toEqual([{ ...artifact, role: 'actual' }]);
    const baselines = [{ path: 'home-chromium-linux.png', content: await contentOf(first, 'actual') }];

    await using same = await executeScripts({ Home: { script: home('Hello'), baselines } }, { sandbox });
    expect(same.outcome).toMatchObject({ status: 'passed', errorDetails: null });
    expect(snapshotsOf(same)).toEqual([]);

    await using changed = await executeScripts(
      { Other: script(`test('other', () => {});`), Home: { script: home('Good bye'), baselines } },
      { sandbox },
    );
    expect(changed.outcome.status).toBe('failed');
    expect(changed.outcome.errorDetails).toContain('pixels');
    expect(snapshotsOf(changed)).toEqual(
      expect.arrayContaining(['expected', 'actual', 'diff'].map((role) => ({ ...artifact, position: 1, role }))),
    );
    expect(await contentOf(changed, 'expected')).toEqual(baselines[0]!.content);
  });

  it('cannot be made a baseline by a script', async () => {
    const forger = script(`
      import fs from 'node:fs';
      import path from 'node:path';
      test('forges', async ({}, info) => {
        const baselines = path.join(path.dirname(info.config.configFile), 'baselines');
        expect(fs.readdirSync(baselines)).toEqual(['1']);
        if (${sandbox.kind === 'bubblewrap'})
          expect(() => fs.writeFileSync(path.join(baselines, '1/home-chromium-linux.png'), '')).toThrow(/EROFS/);
        fs.mkdirSync(path.dirname(info.snapshotPath('own.txt')), { recursive: true });
        fs.writeFileSync(info.snapshotPath('own.txt'), 'own');
        fs.symlinkSync('/etc/passwd', info.snapshotPath('link.txt'));
      });`);
    const compares = script(`test('compares', async () => { expect('one').toMatchSnapshot('text.txt'); });`);
    const baselines = [{ path: 'text-chromium-linux.txt', content: Buffer.from('one') }];
    await using run = await executeScripts({ Forger: forger, Compares: { script: compares, baselines } }, { sandbox });
    expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
    // It is offered to a person, as what Playwright writes.
    expect(snapshotsOf(run)).toEqual([{ kind: 'log', position: 0, path: 'own-chromium-linux.txt', role: 'actual' }]);
  });
});

describe('a text or an accessibility tree', () => {
  const stored = script(`
    test('inline aria', async ({ page }) => {
      ${page('Hello')}
      await expect(page.locator('body')).toMatchAriaSnapshot('- heading "Hello" [level=1]');
    });
    test('stored aria', async ({ page }) => { ${page('Hello')} await expect(page.locator('body')).toMatchAriaSnapshot({ name: 'body.aria.yml' }); });
    test('stored text', async () => { expect('a\\nb').toMatchSnapshot(['texts', 'text.txt']); });`);

  it('has a baseline, too', async () => {
    await using first = await executeScripts({ Stored: stored });
    expect(first.outcome.status).toBe('failed');
    expect(first.outcome.errorDetails).toContain('There is no baseline "body.aria.yml" yet');
    const paths = ['body.aria.yml', 'texts/text-chromium-linux.txt'];
    expect(snapshotsOf(first)).toEqual(paths.map((path) => ({ kind: 'log', position: 0, path, role: 'actual' })));
    const baselines = await Promise.all(
      paths.map(async (path) => ({ path, content: await contentOf(first, 'actual', path) })),
    );
    expect(baselines.map(({ content }) => content.toString())).toEqual(['- heading "Hello" [level=1]', 'a\nb']);
    await using second = await executeScripts({ Stored: { script: stored, baselines } });
    expect(second.outcome).toMatchObject({ status: 'passed', errorDetails: null });
  });
});
