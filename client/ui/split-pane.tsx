import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';

const narrowest = 280;
const widest = 900;
const step = 20;

/**
 * Two panes beside each other on a wide screen, with a handle that moves the border between them; this browser remembers the
 * place under `name`. On a narrow screen, only the pane `narrow` is shown.
 */
export function SplitPane({
  name,
  width: usual,
  narrow,
  left,
  right,
}: {
  name: string;
  /** Of the left pane, in px, unless it has been moved. */
  width: number;
  narrow: 'left' | 'right';
  left: ReactNode;
  right: ReactNode;
}) {
  const [width, setWidth] = useState(() => storedWidth(name) ?? usual);
  const change = (wanted: number) => {
    const next = Math.round(Math.min(widest, Math.max(narrowest, wanted)));
    setWidth(next);
    try {
      localStorage.setItem(`runlight-${name}`, String(next));
    } catch {
      // Storage may be switched off.
    }
  };
  /** Where the pointer took the handle, in px beside the pane's width. */
  const grip = useRef<number | null>(null);
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = event.clientX - width;
  };
  const onPointerMove = ({ clientX }: PointerEvent) => {
    if (grip.current !== null) change(clientX - grip.current);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'ArrowLeft') change(width - step);
    if (key === 'ArrowRight') change(width + step);
  };
  return (
    <div className="flex min-h-0 flex-1">
      <div
        className={`card flex min-h-0 min-w-0 flex-col overflow-hidden max-lg:h-[max(24rem,calc(100dvh-15rem))] max-lg:flex-1 lg:w-(--left) lg:shrink-0 ${narrow === 'right' ? 'max-lg:hidden' : ''}`}
        style={{ '--left': `min(${width}px, 60%)` } as object}
      >
        {left}
      </div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the list"
        aria-valuenow={width}
        aria-valuemin={narrowest}
        aria-valuemax={widest}
        tabIndex={0}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onLostPointerCapture={() => (grip.current = null)}
        onKeyDown={onKeyDown}
        onDoubleClick={() => change(usual)}
        className="group relative w-3 shrink-0 cursor-col-resize touch-none max-lg:hidden"
      >
        <span className="absolute inset-y-0 left-1/2 w-0.5 -translate-x-1/2 rounded-full group-hover:bg-line-strong group-focus-visible:bg-accent" />
      </div>
      <div
        className={`card flex min-h-0 min-w-0 flex-1 flex-col overflow-hidden ${narrow === 'left' ? 'max-lg:hidden' : ''}`}
      >
        {right}
      </div>
    </div>
  );
}

function storedWidth(name: string): number | undefined {
  try {
    const stored = Number(localStorage.getItem(`runlight-${name}`));
    return stored >= narrowest && stored <= widest ? stored : undefined;
  } catch {
    return undefined;
  }
}
