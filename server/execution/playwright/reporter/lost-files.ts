import { readdirSync } from 'node:fs';
import { isForPeople } from '#shared/playwright/content-types.ts';
import type { Output } from '#shared/playwright/output.ts';
import type { Place } from './messages.ts';

/** Names of files in one message. */
const mostNames = 5;
/** With more entries, the folder is not read again. */
const mostEntries = 1_000;

/**
 * Finds pictures and the like that a script has written to a relative path. They go with the run's folder, so the log says how
 * to keep them.
 */
export class LostFiles {
  readonly #dir: string;
  readonly #output: Output;
  readonly #known = new Set<string>();
  #isCrowded = false;

  /** `dir`: the working folder of scripts. */
  constructor(dir: string, output: Output) {
    this.#dir = dir;
    this.#output = output;
    this.#newNames();
  }

  onTestEnd(place: Place): void {
    const lost = this.#newNames().flatMap((name) => this.#filesIn(name));
    if (lost.length === 0) return;
    const names = lost.slice(0, mostNames).map((name) => `"${name}"`);
    if (lost.length > mostNames) names.push(`${lost.length - mostNames} more`);
    this.#output.say(
      `Not kept: ${names.join(', ')}. Files of a run are kept if they are attached with test.info().attach(), or written to a path of test.info().outputPath().\n`,
      place,
    );
  }

  #newNames(): string[] {
    if (this.#isCrowded) return [];
    try {
      const all = readdirSync(this.#dir);
      this.#isCrowded = all.length > mostEntries;
      const names = all.filter((name) => !name.startsWith('.') && !this.#known.has(name));
      for (const name of names) this.#known.add(name);
      return names;
    } catch {
      return [];
    }
  }

  /** The entry itself if it is such a file, and those in it if it is a folder. */
  #filesIn(name: string): string[] {
    if (isForPeople(name)) return [name];
    try {
      const inside = readdirSync(`${this.#dir}/${name}`).filter((file) => isForPeople(file));
      return inside.map((file) => `${name}/${file}`);
    } catch {
      return [];
    }
  }
}
