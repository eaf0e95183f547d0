import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { isForPeople } from '#shared/playwright/content-types.ts';
import type { Redaction } from '#server/execution/playwright/redaction.ts';

/** Of all entries, unpacked, in bytes. More is not searched. */
const mostUnpacked = 200_000_000;

/**
 * Hides secrets in the files of a zip, such as a trace, pictures and videos excepted; undefined if there is nothing to hide. Throws if
 * it is no zip file, or has more than can be searched.
 */
export async function hideInZip(bytes: Buffer, redaction: Redaction): Promise<Buffer | undefined> {
  const files: { name: string; content: Buffer; compress: boolean }[] = [];
  let isChanged = false;
  let unpackedBytes = 0;
  const zip = await fromBufferPromise(bytes);
  for await (const entry of zip.eachEntry()) {
    unpackedBytes += entry.uncompressedSize;
    if (unpackedBytes > mostUnpacked) throw new Error(`it has more than ${mostUnpacked / 1e6} MB of data`);
    // Fails where an entry has more than it says.
    const content = await buffer(await zip.openReadStreamPromise(entry));
    const hidden = isForPeople(entry.fileName) ? undefined : redaction.redactBytes(content);
    isChanged ||= hidden !== undefined;
    files.push({ name: entry.fileName, content: hidden ?? content, compress: entry.compressionMethod !== 0 });
  }
  if (!isChanged) return undefined;
  const packed = new ZipFile();
  for (const { name, content, compress } of files) packed.addBuffer(content, name, { compress });
  packed.end();
  return await buffer(packed.outputStream);
}
