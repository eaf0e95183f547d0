/** Lets scanners for leaked secrets recognise our keys. */
export const keyPrefix = 'rl_';

/** The first characters of an API key, which distinguish keys in lists. Shows nothing of a text that is no key. */
export function keyStart(key: string): string {
  return key.startsWith(keyPrefix) ? key.slice(0, keyPrefix.length + 6) : 'no key of Runlight';
}
