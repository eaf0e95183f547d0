import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { rowHeight } from './log-row.tsx';

/**
 * Keeps the end in view while following. Scrolling up ends this, and scrolling to the end resumes it. `count`: of the rows;
 * `dropped`: of rows before them that are no longer held.
 */
export function useFollowing(count: number, dropped: number, atFirst: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(atFirst);
  const lastTop = useRef(0);
  const lastDropped = useRef(dropped);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // The visible lines must not move when lines above them are dropped.
    element.scrollTop -= (dropped - lastDropped.current) * rowHeight;
    lastDropped.current = dropped;
    if (following) element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, [following, count, dropped]);

  // In a larger box the browser itself scrolls up; that does not end following.
  const onResize = useEffectEvent((element: HTMLElement) => {
    if (!following) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const resized = new ResizeObserver(() => onResize(element));
    resized.observe(element);
    const onScroll = () => {
      const goesUp = element.scrollTop < lastTop.current - 1;
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight;
      lastTop.current = element.scrollTop;
      if (goesUp) setFollowing(false);
      else if (isAtEnd) setFollowing(true);
    };
    // Sooner than the scroll event: a new line before it would scroll back to the end.
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0 && element.scrollTop > 0) setFollowing(false);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
    };
  }, []);

  return { box, following, setFollowing };
}
