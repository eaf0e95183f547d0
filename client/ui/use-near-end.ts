import { type RefObject, useEffect, useRef } from 'react';

/** For an element after a list: `onNear` is called while it is on screen, or nearly, and whenever it becomes another. */
export function useNearEnd<T extends Element>(onNear: () => void): RefObject<T | null> {
  const element = useRef<T>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) onNear();
      },
      { rootMargin: '600px' },
    );
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, [onNear]);
  return element;
}
