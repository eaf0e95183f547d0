import { stripVTControlCharacters } from 'node:util';

/**
 * Control characters that are left without escape sequences, and characters that are invisible or change the direction of
 * what follows. Line ends and tabs stay.
 */
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
// eslint-disable-next-line no-control-regex
const style = /(\u001b\[[\d;]{0,20}m)/;
/** Bold, dim, italic, underlined, inverse and the 16 colours of text, and what ends them. Nothing that hides text. */
const harmlessStyle = /^(?:|[012347]|2[23479]|3[0-79]|9[0-7])$/;
/** UTF-16 units. No terminal shows more of one text. */
const longest = 64_000;

/**
 * Text of others that cannot do anything to a terminal: no cursor moves, titles, links, answers. `colors` keeps its colours,
 * and ends them with the text.
 */
export function cleanText(text: string, { colors = false }: { colors?: boolean } = {}): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  const lines = cut.replaceAll(/\r\n?/g, '\n').replaceAll('\t', '    ');
  if (!colors || !style.test(lines)) return stripped(lines);
  const pieces = lines.split(style).map((piece, index) => {
    if (index % 2 === 0) return stripped(piece);
    return piece
      .slice(2, -1)
      .split(';')
      .every((code) => harmlessStyle.test(code))
      ? piece
      : '';
  });
  return `${pieces.join('')}\u001B[0m`;
}

function stripped(text: string): string {
  return stripVTControlCharacters(text).replaceAll(unsafe, '');
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return cleanText(text).replaceAll(/\s+/g, ' ').trim();
}

/**
 * Text that the log of a CI takes for text: GitHub's `::error::` and `##[error]`, Azure's `##vso[…]` and TeamCity's
 * `##teamcity[…]` are commands to the CI there.
 */
export function withoutCiCommands(text: string): string {
  return text.replaceAll(/^([^\S\n]*):(?=:)/gm, '$1: ').replaceAll(/##(?=[\w-]*\[)/g, '## ');
}

/** JSON of one line. Characters that terminals and CIs act on are escaped, which changes no value. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('##', String.raw`#\u0023`);
}
