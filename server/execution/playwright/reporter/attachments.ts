import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import { contentTypeOf, extensionFor } from './content-types.ts';
import type { Place, Send } from './messages.ts';
import type { Output } from './output.ts';

/** Attachments of one attempt, and of the run, beyond this number are in Playwright's report alone. */
const mostPerAttempt = 200;
const most = 20_000;

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

  /** Sends the attachments of an attempt that has ended, and the folder in which it may have left other files. */
  add(place: Place, { attachments }: TestResult, folder: string): void {
    const listed = attachments.slice(0, Math.min(mostPerAttempt, most - this.#count));
    for (const attachment of listed) this.#add(place, attachment);
    if (listed.length < attachments.length)
      this.#output.say(
        `${attachments.length - listed.length} attachments are in Playwright's report alone: at most ${mostPerAttempt} of an attempt and ${most} of a run are listed.\n`,
        place,
      );
    const results = `results/${folder}`;
    if (existsSync(path.join(this.#outputDir, results))) this.#send({ kind: 'folder', path: results, ...place });
  }

  #add(place: Place, attachment: TestResult['attachments'][number]): void {
    this.#count += 1;
    // Scripts can give values of any type.
    const name = String(attachment.name);
    const type = (attachment.contentType as unknown) ?? contentTypeOf(String(attachment.path ?? name));
    const contentType = String(type);
    const file =
      attachment.path === undefined
        ? this.#write(name, contentType, attachment.body)
        : path.relative(this.#outputDir, String(attachment.path));
    if (file === undefined) this.#output.say(`The attachment "${name.slice(0, 200)}" could not be stored.\n`, place);
    else this.#send({ kind: 'attachment', name, path: file, contentType, ...place });
  }

  /** Writes the content to a file, and returns its path in `outputDir`. An attachment without content is an empty file. */
  #write(name: string, contentType: string, body: Buffer | undefined): string | undefined {
    const file = path.join('attachments', `${this.#count}-${fileName(name, contentType)}`);
    try {
      mkdirSync(path.join(this.#outputDir, 'attachments'), { recursive: true });
      // `wx`: a script may have put a pipe there, on which writing would block.
      writeFileSync(path.join(this.#outputDir, file), Buffer.isBuffer(body) ? body : '', { flag: 'wx' });
      return file;
    } catch {
      return undefined;
    }
  }
}

function fileName(name: string, contentType: string): string {
  const slug = path
    .basename(name.toLowerCase())
    .replace(/\.[a-z0-9]{1,8}$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  return (slug || 'attachment') + extensionFor(name, contentType);
}
