import { useMemo } from 'react';
import { ansiClass } from '#client/ui/ansi-text.tsx';
import { piecesOf, type Search, type TextPiece } from './text-pieces.ts';

/** Of more UTF-16 units a part is shown. */
const longest = 4_000;

/**
 * Terminal text in the theme's colours, with its links and with the matches of a search. Of a long text a part is shown: the
 * first, or around the current match.
 */
export function LogText({ text, search: { text: wanted, current } }: { text: string; search: Search }) {
  const { pieces, before, after } = useMemo(
    () => piecesOf(text, { text: wanted, current }, longest),
    [text, wanted, current],
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
  if (piece.mark === null) {
    const className = ansiClass(piece);
    return className ? (
      <span key={index} className={className}>
        {piece.text}
      </span>
    ) : (
      piece.text
    );
  }
  const isCurrent = piece.mark === 'current';
  return (
    <mark
      key={index}
      aria-current={isCurrent || undefined}
      className={`rounded-xs bg-lamp text-[#191a1c] ${ansiClass(piece, true)} ${isCurrent ? 'outline-2 outline-ink' : ''}`}
    >
      {piece.text}
    </mark>
  );
}
