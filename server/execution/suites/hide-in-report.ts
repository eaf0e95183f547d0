import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import type { Redaction } from '#server/execution/playwright/redaction.ts';

/** Of a report's data, unpacked, in bytes. More is not searched. */
const mostUnpacked = 200_000_000;

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
  const packed = new ZipFile();
  let isChanged = false;
  let bytes = 0;
  const zip = await fromBufferPromise(Buffer.from(base64.toString('latin1'), 'base64'));
  for await (const entry of zip.eachEntry()) {
    bytes += entry.uncompressedSize;
    if (bytes > mostUnpacked) throw new Error(`it has more than ${mostUnpacked / 1e6} MB of data`);
    // Fails where an entry has more than it says.
    const content = await buffer(await zip.openReadStreamPromise(entry));
    const hidden = redaction.redactBytes(content);
    isChanged ||= hidden !== undefined;
    packed.addBuffer(hidden ?? content, entry.fileName);
  }
  if (!isChanged) return undefined;
  packed.end();
  return Buffer.from((await buffer(packed.outputStream)).toString('base64'));
}
