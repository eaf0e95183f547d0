import type { Redaction } from '#server/execution/playwright/redaction.ts';
import { hideInZip } from './hide-in-zip.ts';

/** Before the data of Playwright's HTML report, a zip file in base64. The last one counts: code of the page names it, too. */
const dataMark = 'data:application/zip;base64,';

/**
 * Hides secrets in the page of Playwright's HTML report, also in its packed data; undefined if there is nothing to hide. Throws if
 * the data is no zip file, or more than can be searched.
 */
export async function hideInReport(page: Buffer, redaction: Redaction): Promise<Buffer | undefined> {
  const mark = page.lastIndexOf(dataMark);
  if (mark === -1) return redaction.redactBytes(page);
  const start = mark + dataMark.length;
  const length = page.toString('latin1', start).search(/["<]/);
  const end = length === -1 ? page.length : start + length;
  const [before, data, after] = [page.subarray(0, start), page.subarray(start, end), page.subarray(end)];
  const hidden = [redaction.redactBytes(before), await hideInData(data, redaction), redaction.redactBytes(after)];
  if (hidden.every((part) => part === undefined)) return undefined;
  return Buffer.concat([before, data, after].map((part, index) => hidden[index] ?? part));
}

async function hideInData(base64: Buffer, redaction: Redaction): Promise<Buffer | undefined> {
  const hidden = await hideInZip(Buffer.from(base64.toString('latin1'), 'base64'), redaction);
  return hidden && Buffer.from(hidden.toString('base64'));
}
