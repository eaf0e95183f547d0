import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react';
import { lineAt, type LogLines } from './log-lines.ts';

/** Lines that can be loaded on one side of those that are. */
export interface MoreLines {
  isLoading: boolean;
  load: () => void;
  /** Loads all of them. */
  loadAll?: () => void;
}

/** How near, in px, to the first or last line more are loaded. */
const nearEdge = 300;

/** Loads lines as the reader comes near an end, and keeps what they read in its place when lines come above it. */
export function useEdges(
  box: RefObject<HTMLDivElement | null>,
  { earlier, later, lines }: { earlier: MoreLines | undefined; later: MoreLines | undefined; lines: LogLines },
): void {
  const check = useEffectEvent((element: HTMLElement) => {
    if (element.scrollTop < nearEdge && earlier && !earlier.isLoading) earlier.load();
    const below = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (below < nearEdge && later && !later.isLoading) later.load();
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => check(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [box]);

  const first = lineAt(lines, lines.dropped)?.seq;
  const before = useRef({ first, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { scrollHeight } = element;
    const known = before.current;
    if (first !== undefined && known.first !== undefined && first < known.first)
      element.scrollBy({ top: scrollHeight - known.height, behavior: 'instant' });
    before.current = { first, height: scrollHeight };
  });
}
