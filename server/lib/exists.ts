import { lstat } from 'node:fs/promises';

/** Links exist, whatever they lead to. */
export function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
