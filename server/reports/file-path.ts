/** UTF-16 units. */
const longestPath = 1_000;
const mostFolders = 20;
/** Bytes of a name, as file systems have them. */
const longestName = 255;

/**
 * The path of a part's file in the folder of its run; undefined for one that leads elsewhere or that file systems do not
 * take. Different files have different paths.
 */
export function pathInRun(part: number, file: string): string | undefined {
  if (file.length > longestPath || !file.isWellFormed()) return undefined;
  const names = file.split('/').map(storedName);
  if (names.length > mostFolders || !names.every((name) => name !== undefined)) return undefined;
  return `part-${part}/${names.join('/')}`;
}

/** The name, with characters that mean something in an address as `~` and their code; undefined for one that is none. */
function storedName(name: string): string | undefined {
  if (/^\.{0,2}$/.test(name) || /[\p{Cc}\\]/u.test(name)) return undefined;
  const stored = name.replaceAll(/[^\p{L}\p{N}._ ()-]/gu, (char) => `~${char.codePointAt(0)!.toString(16)}~`);
  return Buffer.byteLength(stored) <= longestName ? stored : undefined;
}
