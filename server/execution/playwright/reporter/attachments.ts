import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import { type Attachment, AttachmentList, fileNameOf } from '#shared/playwright/attachments.ts';
import type { Output } from '#shared/playwright/output.ts';
import type { Place, Send } from './messages.ts';

/** Sends the attachments of a run. Those without a file are written to one in `outputDir`. */
export class Attachments {
  readonly #outputDir: string;
  readonly #output: Output;
  readonly #send: Send;
  readonly #list = new AttachmentList();
  #count = 0;

  constructor(outputDir: string, output: Output, send: Send) {
    this.#outputDir = outputDir;
    this.#output = output;
    this.#send = send;
  }

  /** Sends the attachments of an attempt that has ended, and the folder in which it may have left other files. */
  add(place: Place, result: TestResult, folder: string): void {
    const { listed, leftOut } = this.#list.of(result);
    for (const attachment of listed) this.#add(place, attachment);
    if (leftOut !== undefined) this.#output.say(`${leftOut}\n`, place);
    const results = `results/${folder}`;
    if (existsSync(path.join(this.#outputDir, results))) this.#send({ kind: 'folder', path: results, ...place });
  }

  #add(place: Place, attachment: Attachment): void {
    this.#count += 1;
    const { name, contentType } = attachment;
    const file =
      attachment.path === undefined ? this.#write(attachment) : path.relative(this.#outputDir, attachment.path);
    if (file === undefined) this.#output.say(`The attachment "${name.slice(0, 200)}" could not be stored.\n`, place);
    else this.#send({ kind: 'attachment', name, path: file, contentType, ...place });
  }

  /** Writes the content to a file, and returns its path in `outputDir`. An attachment without content is an empty file. */
  #write(attachment: Attachment): string | undefined {
    const file = path.join('attachments', `${this.#count}-${fileNameOf(attachment)}`);
    try {
      mkdirSync(path.join(this.#outputDir, 'attachments'), { recursive: true });
      // `wx`: a script may have put a pipe there, on which writing would block.
      writeFileSync(path.join(this.#outputDir, file), attachment.body ?? '', { flag: 'wx' });
      return file;
    } catch {
      return undefined;
    }
  }
}
