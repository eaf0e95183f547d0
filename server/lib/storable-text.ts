import { stripVTControlCharacters } from 'node:util';

/**
 * Text that Postgres stores: U+FFFD replaces NUL and lone surrogates. Text beyond `maxChars` UTF-16 units is cut, and says
 * how much is missing.
 */
export function storableText(text: string, maxChars = Infinity): string {
  const cut = text.length > maxChars ? `${text.slice(0, maxChars)}… (${text.length - maxChars} more characters)` : text;
  return cut.toWellFormed().replaceAll('\0', '\ufffd');
}

/** A JSON value in which every text is storable. Values that are clean, nearly all, are searched once and returned as they are. */
export function storableJson<T>(value: T): T {
  const json = JSON.stringify(value);
  if (!/\\u0000|\\ud[89a-f]/i.test(json)) return value;
  return JSON.parse(json, (_, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
}

/** Storable text without colour codes. */
export function plainText(text: string, maxChars: number): string {
  return storableText(stripVTControlCharacters(text), maxChars);
}
