import { parseAnsi, type AnsiSpan } from '#client/ui/ansi.ts';
import { linksIn, webUrl } from './text-links.ts';
import { matchesIn, type TextRange } from './text-matches.ts';

/** A part of a text that looks the same throughout. */
export interface TextPiece extends AnsiSpan {
  /** Where it leads: http or https. */
  link: string | null;
  /** Part of a match of the search; `current`: of the one that the reader is at. */
  mark: 'match' | 'current' | null;
}

export interface ShownText {
  pieces: TextPiece[];
  /** UTF-16 units that are left out before and after the pieces. */
  before: number;
  after: number;
}

export interface Search {
  text: string;
  /** Which match in this text the reader is at, from 0; null: none. */
  current: number | null;
}

const longestLink = 2_000;

/**
 * Terminal text cut into pieces by styles, links and matches. Of more than `longest` UTF-16 units the first are shown, or
 * those around the current match.
 */
export function piecesOf(text: string, { text: wanted, current }: Search, longest = Infinity): ShownText {
  const spans = parseAnsi(text);
  const visible = spans.map((span) => span.text).join('');
  const matches = matchesIn(visible, wanted);
  const { start, end } = windowOf(visible, current === null ? undefined : matches[current], longest);

  // An address that the window cuts leads to where the whole one does.
  const from = Math.max(0, start - longestLink);
  const links = linksIn(visible.slice(from, end + longestLink)).map((link) => ({
    ...link,
    start: link.start + from,
    end: link.end + from,
  }));

  const pieces: TextPiece[] = [];
  const linkAt = cursorIn(links);
  const matchAt = cursorIn(matches);
  let at = 0;
  for (const span of spans) {
    const spanEnd = at + span.text.length;
    const linkOfSpan = span.link === null ? null : webUrl(span.link);
    for (let from = Math.max(at, start); from < Math.min(spanEnd, end);) {
      const link = linkAt(from);
      const match = matchAt(from);
      const to = Math.min(spanEnd, end, link.until, match.until);
      pieces.push({
        ...span,
        text: visible.slice(from, to),
        link: linkOfSpan ?? link.range?.href ?? null,
        mark: match.range ? (match.index === current ? 'current' : 'match') : null,
      });
      from = to;
    }
    at = spanEnd;
  }
  return { pieces, before: start, after: visible.length - end };
}

/** Which part of a text is shown. */
function windowOf(text: string, match: TextRange | undefined, longest: number): TextRange {
  if (text.length <= longest) return { start: 0, end: text.length };
  let start = 0;
  if (match && match.end > longest) start = Math.min(match.start - Math.floor(longest / 2), text.length - longest);
  let end = start + longest;
  if (isLowSurrogate(text, start)) start += 1;
  if (isLowSurrogate(text, end)) end -= 1;
  return { start, end };
}

const isLowSurrogate = (text: string, at: number) => /[\udc00-\udfff]/.test(text[at] ?? '');

/** Finds the range at an offset, and where it or the gap before the next one ends. Offsets must rise. */
function cursorIn<T extends TextRange>(ranges: readonly T[]) {
  let index = 0;
  return (at: number): { range: T | undefined; index: number; until: number } => {
    while ((ranges[index]?.end ?? Infinity) <= at) index += 1;
    const next = ranges[index];
    if (!next) return { range: undefined, index, until: Infinity };
    return next.start <= at ? { range: next, index, until: next.end } : { range: undefined, index, until: next.start };
  };
}
