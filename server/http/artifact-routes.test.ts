import { expect, test } from 'vitest';
import { artifactHeaders } from './artifact-routes.ts';

const policy = (file: string) => artifactHeaders(file)['content-security-policy'];
const disposition = (file: string) => artifactHeaders(file)['content-disposition'];

test('only pages of the report run scripts, without an origin', () => {
  expect(policy('report/index.html')).toMatch(/^sandbox allow-scripts /);
  expect(policy('report/index.html')).not.toContain('allow-same-origin');
  for (const file of [
    'page.html',
    'report/data/page.html',
    'results/report/index.html',
    'report/data/a.svg',
    'output.log',
  ])
    expect(policy(file)).toMatch(/^sandbox; default-src 'none'/);
});

test('files that browsers cannot show safely are downloaded', () => {
  for (const file of ['a.png', 'b.WEBM', 'output.log', 'report/data/c.json']) expect(disposition(file)).toBe('inline');
  for (const file of ['a.svg', 'b.html', 'c.xhtml', 'd.pdf', 'trace.zip', 'e', 'f.js', '.htaccess'])
    expect(disposition(file)).toBe('attachment');
});
