import type { TextRange } from './text-matches.ts';

// Ends before white space, quotes, angle brackets, backslashes and lines of tables, and before a next address in a list.
const address =
  // oxlint-disable-next-line no-control-regex
  /(?<!\w)https?:\/\/(?:(?![,;|]https?:\/\/)[^\s<>"'`\\^\x00-\x1f\x7f-\x9f\u2018-\u201f\u2500-\u257f\u3000-\u303f\uff01-\uff0f])+/gi;
const openerOf: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
const trailing = /[.,;:!?*~|…]+$/;

/** The URL if it leads to http or https; null for any other, such as `javascript:`. */
export function webUrl(text: string): string | null {
  if (!/^https?:\/\/[^/]/i.test(text)) return null;
  return URL.canParse(text) ? new URL(text).href : null;
}

/** The http and https addresses in a text, without the punctuation and closing brackets after them. */
export function linksIn(text: string): (TextRange & { href: string })[] {
  if (!text.includes('://')) return [];
  const links: (TextRange & { href: string })[] = [];
  address.lastIndex = 0;
  for (let found = address.exec(text); found; found = address.exec(text)) {
    const url = balanced(found[0]).replace(trailing, '');
    const href = webUrl(url);
    if (href !== null) links.push({ start: found.index, end: found.index + url.length, href });
    // What was cut off can hold the next address.
    if (url.length > 'https://'.length) address.lastIndex = found.index + url.length;
  }
  return links;
}

/** The text up to the first closing bracket that it does not open. */
function balanced(text: string): string {
  const open: string[] = [];
  for (const [index, character] of text.split('').entries()) {
    if (Object.values(openerOf).includes(character)) open.push(character);
    const opener = openerOf[character];
    if (opener !== undefined && open.pop() !== opener) return text.slice(0, index);
  }
  return text;
}
