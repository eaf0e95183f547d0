import { useMemo } from 'react';
import type { AnsiColor } from './ansi.ts';
import { piecesOf, type Search, type TextPiece } from './text-pieces.ts';

// Black and white are shown as plain text, since themes swap them.
const colorClass: Record<AnsiColor, string> = {
  black: '',
  white: '',
  red: 'text-bad',
  green: 'text-good',
  yellow: 'text-warn',
  blue: 'text-busy',
  magenta: 'text-ansi-magenta',
  cyan: 'text-ansi-cyan',
};

const noSearch: Search = { text: '', current: null };

/**
 * Terminal text in the theme's colours, with its links and with the matches of a search. Of more than `longest` UTF-16 units
 * a part is shown: the first, or around the current match.
 */
export function AnsiText({
  text,
  search: { text: wanted, current } = noSearch,
  longest,
}: {
  text: string;
  search?: Search;
  longest?: number;
}) {
  const { pieces, before, after } = useMemo(
    () => piecesOf(text, { text: wanted, current }, longest),
    [text, wanted, current, longest],
  );
  return (
    <>
      {before > 0 && <span className="text-muted">{before.toLocaleString()} characters before … </span>}
      {byLink(pieces).map(({ link, pieces }, index) =>
        link === null ? (
          <span key={index}>{pieces.map(piece)}</span>
        ) : (
          <a
            key={index}
            href={link}
            target="_blank"
            rel="noopener noreferrer nofollow"
            // Where a terminal link leads is not in its text.
            title={link}
            className="underline decoration-1 underline-offset-2 hover:decoration-2"
          >
            {pieces.map(piece)}
          </a>
        ),
      )}
      {after > 0 && <span className="text-muted"> … {after.toLocaleString()} more characters</span>}
    </>
  );
}

/** Neighbours of one link stay together, so that a link of many colours is one. */
function byLink(pieces: readonly TextPiece[]): { link: string | null; pieces: TextPiece[] }[] {
  const groups: { link: string | null; pieces: TextPiece[] }[] = [];
  for (const piece of pieces) {
    const last = groups.at(-1);
    if (last && last.link === piece.link) last.pieces.push(piece);
    else groups.push({ link: piece.link, pieces: [piece] });
  }
  return groups;
}

function piece(piece: TextPiece, index: number) {
  const className = pieceClass(piece);
  if (piece.mark === null)
    return className ? (
      <span key={index} className={className}>
        {piece.text}
      </span>
    ) : (
      piece.text
    );
  const isCurrent = piece.mark === 'current';
  return (
    <mark
      key={index}
      aria-current={isCurrent || undefined}
      className={`rounded-xs bg-lamp ${weightClass(piece)} text-[#191a1c] ${isCurrent ? 'outline-2 outline-ink' : ''}`}
    >
      {piece.text}
    </mark>
  );
}

function pieceClass(piece: TextPiece): string {
  const color = piece.color ? colorClass[piece.color] : piece.dim ? 'text-muted' : '';
  return [color, weightClass(piece)].filter(Boolean).join(' ');
}

function weightClass({ bold, italic, underline }: TextPiece): string {
  return [bold && 'font-semibold', italic && 'italic', underline && 'underline'].filter(Boolean).join(' ');
}
