import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import type { Send } from './messages.ts';
import type { Output } from './output.ts';

/** Attachments beyond this number are in Playwright's report alone. */
const maxAttachments = 1_000;

/** Sends the attachments of a run. Those without a file are written to one in `outputDir`. */
export class Attachments {
  readonly #outputDir: string;
  readonly #output: Output;
  readonly #send: Send;
  #count = 0;

  constructor(outputDir: string, output: Output, send: Send) {
    this.#outputDir = outputDir;
    this.#output = output;
    this.#send = send;
  }

  add(position: number, attachment: TestResult['attachments'][number]): void {
    if (this.#count >= maxAttachments) return;
    this.#count += 1;
    if (this.#count === maxAttachments)
      this.#output.say(`Only the first ${maxAttachments} attachments are listed.\n`, position);
    // Scripts can give values of any type.
    const name = String(attachment.name);
    const contentType = String(attachment.contentType);
    const file =
      attachment.path === undefined
        ? this.#write(name, contentType, attachment.body)
        : path.relative(this.#outputDir, String(attachment.path));
    if (file !== undefined) this.#send({ kind: 'attachment', position, name, path: file, contentType });
  }

  /** Writes the content to a file, and returns its path in `outputDir`. */
  #write(name: string, contentType: string, body: Buffer | undefined): string | undefined {
    if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
    const file = path.join('attachments', `${this.#count}-${fileName(name, contentType)}`);
    try {
      mkdirSync(path.join(this.#outputDir, 'attachments'), { recursive: true });
      // `wx`: a script may have put a pipe there, on which writing would block.
      writeFileSync(path.join(this.#outputDir, file), body, { flag: 'wx' });
      return file;
    } catch {
      return undefined;
    }
  }
}

/** For names without an extension. */
const extensions: Record<string, string> = {
  'application/json': '.json',
  'application/pdf': '.pdf',
  'application/xml': '.xml',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/svg+xml': '.svg',
  'image/webp': '.webp',
  'text/css': '.css',
  'text/csv': '.csv',
  'text/html': '.html',
  'text/markdown': '.md',
  'text/plain': '.txt',
  'text/xml': '.xml',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
};

function fileName(name: string, contentType: string): string {
  const [type = ''] = contentType.split(';');
  const own = /\.[a-z0-9]{1,8}$/.exec(name.toLowerCase())?.[0];
  const slug = path
    .basename(name.toLowerCase(), own)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return (slug || 'attachment') + (own ?? extensions[type.trim().toLowerCase()] ?? '.bin');
}
