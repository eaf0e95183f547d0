/** By which scanners of leaked secrets know ours. */
export const keyPrefix = 'rl_';

/** The first characters of an API key, by which people tell keys apart; of what is none, nothing is told. */
export function keyStart(key: string): string {
  return key.startsWith(keyPrefix) ? key.slice(0, keyPrefix.length + 6) : 'no key of Runlight';
}
