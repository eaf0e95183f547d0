import cliTruncate from 'cli-truncate';
import { type Host, isInteractive } from '#sdk/cli/process/host.ts';
import { cleanLine, withoutCiCommands } from '#shared/clean-text.ts';

/** Says how far a push is. */
export interface PushProgress extends Disposable {
  /** On one line that is written anew; nothing without a terminal. */
  show(text: string): void;
  /** On stderr, for good. */
  notice(text: string): void;
}

/** Between two drawings. */
const drawMs = 80;
const eraseLine = '\r\u001B[K';

export function createPushProgress(host: Host, { isQuiet }: { isQuiet: boolean }): PushProgress {
  const { stdout, stderr } = host;
  const isShown = !isQuiet && isInteractive(host);
  let drawnAt = -Infinity;
  const erase = () => {
    if (drawnAt > -Infinity) stdout.write(eraseLine);
    drawnAt = -Infinity;
  };
  return {
    show(text) {
      if (!isShown || performance.now() - drawnAt < drawMs) return;
      drawnAt = performance.now();
      stdout.write(eraseLine + cliTruncate(text, Math.max(10, stdout.columns - 1)));
    },
    notice(text) {
      erase();
      stderr.write(`${withoutCiCommands(cleanLine(text))}\n`);
    },
    [Symbol.dispose]: erase,
  };
}
