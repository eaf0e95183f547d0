import type { Readable } from 'node:stream';

/** What came is no message of a reporter. */
export class NoMessage extends Error {}

/** Lines of JSON, each at most `maxBytes` long. Throws a `NoMessage` for anything else. What is not asked for is not read. */
export async function* readMessages(stream: Readable, maxBytes: number): AsyncGenerator<unknown> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      if (bytes + end - start > maxBytes) throw new NoMessage('a line is too long');
      yield parse(Buffer.concat(parts));
      parts = [];
      bytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > maxBytes) throw new NoMessage('a line is too long');
  }
  // A process that is killed may leave the beginning of a line.
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw new NoMessage('a line is no JSON');
  }
}
