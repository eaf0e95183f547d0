import { stripVTControlCharacters } from 'node:util';

/** Text that Postgres can hold: well-formed, without NUL, at most `maxChars` UTF-16 units. */
export function storableText(text: string, maxChars = Infinity): string {
  const cut = text.length > maxChars ? `${text.slice(0, maxChars)}… (${text.length - maxChars} more characters)` : text;
  // U+FFFD for halves of surrogate pairs, which jsonb refuses.
  return cut
    .replaceAll('\0', '\ufffd')
    .replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

/** What a person reads in an error: storable, without colour codes. */
export function plainText(text: string, maxChars: number): string {
  return storableText(stripVTControlCharacters(text), maxChars);
}
