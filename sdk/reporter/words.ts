export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit += 1) value /= 1_000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The first few, and how many more there are. */
export function listed(texts: readonly string[], most = 3): string {
  const rest = texts.length - most;
  return rest > 0 ? `${texts.slice(0, most).join(', ')} and ${rest} more` : texts.join(', ');
}

/** Entries that a server did not understand. */
export interface UnknownEntries {
  entries: number;
  /** Versions. */
  reporter: string;
  server: string | undefined;
  url: string;
}

/** What a report does not have: a number of entries, files in words, and what the server does not know. */
export function undeliveredInWords(
  entries: number,
  files: readonly string[],
  unknown?: UnknownEntries,
): string | undefined {
  const parts = [
    entries > 0 && count(entries, 'entry of the log', 'entries of the log'),
    files.length > 0 && `${count(files.length, 'file', 'files')}: ${listed(files)}`,
    unknown && unknown.entries > 0 && unknownInWords(unknown),
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(', ').slice(0, 1_000);
}

function unknownInWords({ entries, reporter, server, url }: UnknownEntries): string {
  const what = `${count(entries, 'entry', 'entries')} that Runlight${server === undefined ? '' : ` ${server}`} refuses`;
  return server === reporter
    ? what
    : `${what} of this reporter (${reporter}; that of this Runlight: npm install -D ${url}/runlight.tgz)`;
}
