/** Stands in every event, whatever a contender makes of it, so that clients need not parse to count. */
const opening = '~#';
const digits = 8;

export const markerBytes = Buffer.from(opening);
export const markerLength = opening.length + digits;

export function markerOf(version: number): string {
  return `${opening}${String(version).padStart(digits, '0')}`;
}

/** The version in a marker that begins at `start`. */
export function versionAt(bytes: Buffer, start: number): number {
  let version = 0;
  const end = start + opening.length + digits;
  for (let at = start + opening.length; at < end; at += 1) version = version * 10 + bytes[at]! - 48;
  return version;
}
