import { StringDecoder } from 'node:string_decoder';

/** Of what Playwright prints itself, in UTF-16 units. */
const longest = 64_000;

/** The end of what Playwright prints itself, and scripts while they are loaded. */
export class RunnerOutput {
  readonly #decoder = new StringDecoder('utf8');
  /** Since the start, also of what was forgotten. */
  bytes = 0;
  text = '';

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.text = (this.text + this.#decoder.write(chunk)).slice(-longest);
  }
}
