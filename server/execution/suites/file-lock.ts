import { spawn } from 'node:child_process';

/**
 * Locks a file for this machine, whichever of its processes asks, until the returned object is disposed of or this process has
 * ended, however that ends. Waits for others; with `isTried`, resolves to undefined instead. Throws the signal's reason when
 * that aborts. Without util-linux (macOS), nothing is locked.
 */
export async function lockFile(
  file: string,
  mode: 'shared' | 'exclusive',
  options: { signal?: AbortSignal; isTried?: boolean } = {},
): Promise<Disposable | undefined> {
  const { signal, isTried = false } = options;
  signal?.throwIfAborted();
  // The lock is that of the open file, which `cat` has for as long as this process keeps its input open.
  const child = spawn(
    'flock',
    [`--${mode}`, ...(isTried ? ['--nonblock'] : []), file, 'sh', '-c', 'echo; exec cat >/dev/null'],
    { stdio: ['pipe', 'pipe', 'ignore'], detached: true },
  );
  const lock = {
    [Symbol.dispose]() {
      child.stdin.destroy();
      child.stdout.destroy();
    },
  };
  child.stdin.on('error', () => {});
  const onAbort = () => child.kill();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const isLocked = await new Promise<boolean>((resolve, reject) => {
      child.stdout.once('data', () => resolve(true));
      child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(true) : reject(error)));
      child.once('exit', () => resolve(false));
    });
    signal?.throwIfAborted();
    if (!isLocked && !isTried) throw new Error(`${file} cannot be locked`);
    if (!isLocked) return undefined;
    child.unref();
    return lock;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
