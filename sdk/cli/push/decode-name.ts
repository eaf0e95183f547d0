import { misuse, quoted } from './misuse.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The name of a file as text. Throws a `CliError` for one that is not UTF-8. */
export function decodeName(name: Buffer): string {
  try {
    return decoder.decode(name);
  } catch {
    throw misuse(`The name of the file ${quoted(name.toString('latin1'))} is not UTF-8: rename it.`);
  }
}
