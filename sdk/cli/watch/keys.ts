import type { Host } from '#sdk/cli/process/host.ts';

const ctrlC = '\u0003';
const ctrlZ = '\u001A';

/**
 * Reads single keys, which the terminal then neither shows nor acts on; Ctrl-C comes as `interrupt`. Ctrl-Z suspends the
 * command as usual, and `onResume` is called when it goes on. Returns a function that gives the terminal back.
 */
export function readKeys(
  { stdin }: Host,
  { onKey, onResume }: { onKey(key: string): void; onResume(): void },
): () => void {
  const onData = (data: Buffer) => {
    for (const key of data.toString()) {
      if (key === ctrlZ) suspend();
      else onKey(key === ctrlC ? 'interrupt' : key === '\u001B' ? 'escape' : key.toLowerCase());
      // Arrow keys and the like begin as Escape does, and come as a whole.
      if (key === '\u001B' && data.length > 1) return;
    }
  };
  const suspend = () => {
    stdin.setRawMode(false);
    process.once('SIGCONT', () => {
      stdin.setRawMode(true);
      onResume();
    });
    process.kill(process.pid, 'SIGTSTP');
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
