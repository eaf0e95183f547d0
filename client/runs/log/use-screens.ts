import { useRef } from 'react';
import type { RunEvent } from '#shared/events.ts';
import { mayMoveCursor, type OpenScreen } from './screen.ts';

/**
 * Passes events on to `append`, in their order. Loads what draws moves of the cursor once output needs it; until then, events
 * wait. Without it, if it cannot be loaded, moves are left out.
 */
export function useScreens(append: (events: readonly RunEvent[], openScreen: OpenScreen | undefined) => void) {
  const state = useRef<{ openScreen?: OpenScreen; waiting?: RunEvent[] }>({});
  return (events: RunEvent[]): void => {
    const { current } = state;
    if (current.waiting) {
      current.waiting.push(...events);
      return;
    }
    const needsScreen = events.some((event) => event.type === 'log' && mayMoveCursor(event.text));
    if (current.openScreen || !needsScreen) return append(events, current.openScreen);
    current.waiting = [...events];
    const pass = (openScreen?: OpenScreen) => {
      const events = current.waiting ?? [];
      state.current = { ...(openScreen && { openScreen }) };
      append(events, openScreen);
    };
    void import('./terminal-screen.ts').then(
      ({ openTerminalScreen }) => pass(openTerminalScreen),
      () => pass(),
    );
  };
}
