/**
 * Prints one line of Runlight. On stderr: stdout belongs to Playwright, and `--reporter=json` writes JSON there. Whatever a server
 * may have put into a message, it stays one line.
 */
export function say(text: string): void {
  try {
    const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
    globalThis.process.stderr.write(`${line.startsWith('Runlight ') ? '' : 'Runlight: '}${line}\n`);
  } catch {
    // Nobody reads it.
  }
}
