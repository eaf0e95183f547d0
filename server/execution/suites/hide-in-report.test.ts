import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { expect, test } from 'vitest';
import { createRedaction } from '#server/execution/playwright/redaction.ts';
import { unzipped } from '#server/testing/zip.ts';
import { hideInReport } from './hide-in-report.ts';

const redaction = createRedaction(['sesame "open"']);

/** How Playwright packs the data into the page. */
const pages = {
  '1.42': (data: string) => `<script>\nwindow.playwrightReportBase64 = "${data}";</script>`,
  '1.55': (data: string) => `<script id="playwrightReportBase64" type="application/zip">${data}</script>`,
  '1.65': (data: string) => `<template id="playwrightReportBase64">${data}</template>`,
};
const head = '<title>sesame "open"</title><script>code.startsWith("data:application/zip;base64,")</script>';

async function dataOf(files: Record<string, string>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return `data:application/zip;base64,${(await buffer(zip.outputStream)).toString('base64')}`;
}

function filesIn(page: string): Promise<Record<string, string>> {
  const [, base64 = ''] = /.*data:application\/zip;base64,([^"<]*)/s.exec(page)!;
  return unzipped(Buffer.from(base64, 'base64'));
}

test.each(Object.entries(pages))('secrets in the data of a report of Playwright %s are hidden', async (_, pageOf) => {
  const files = { 'report.json': '{"title":"sesame \\"open\\""}', 'a.json': '{"ä":1}' };
  const page = head + pageOf(await dataOf(files));
  const hidden = String(await hideInReport(Buffer.from(page), redaction));
  expect(await filesIn(hidden)).toEqual({ ...files, 'report.json': '{"title":"***"}' });
  expect(hidden.replace(/base64,\w[^"<]*/, '')).toBe(
    page.replace('sesame "open"', '***').replace(/base64,\w[^"<]*/, ''),
  );
  expect(await hideInReport(Buffer.from(pageOf(await dataOf({ 'a.json': '{}' }))), redaction)).toBeUndefined();
});

test.each([
  ['no zip file', () => Buffer.alloc(3), 'zip'],
  ['a zip file of more than can be searched', (zip: Buffer) => saying(zip, 300_000_000), 'more than 200 MB'],
  ['an entry of more than it says', (zip: Buffer) => saying(zip, 1), 'too many bytes'],
])('data is not searched that is %s', async (_, change, message) => {
  const [mark, base64 = ''] = (await dataOf({ a: 'x'.repeat(1_000_000) })).split(',');
  const data = change(Buffer.from(base64, 'base64')).toString('base64');
  const page = Buffer.from(pages['1.65'](`${mark},${data}`));
  await expect(hideInReport(page, redaction)).rejects.toThrow(message);
});

/** The zip file says that its first entry has this size, unpacked. */
function saying(zip: Buffer, bytes: number): Buffer {
  zip.writeUInt32LE(bytes, zip.indexOf('PK\u0001\u0002') + 24);
  return zip;
}
