import type { RunEvent } from '#shared/events.ts';
import { mayMoveCursor, type OpenScreen } from './screen.ts';

/** The emulator of terminals, loaded if these events need it; undefined if not, or if it cannot be loaded. */
export async function screensFor(events: readonly RunEvent[]): Promise<OpenScreen | undefined> {
  if (!events.some((event) => event.type === 'log' && mayMoveCursor(event.text))) return undefined;
  return await import('./terminal-screen.ts').then(
    ({ openTerminalScreen }) => openTerminalScreen,
    () => undefined,
  );
}

type Append = (events: readonly RunEvent[], openScreen: OpenScreen | undefined) => void;

/**
 * Passes events on to `append`, in their order. Loads the emulator of terminals once output moves the cursor; until then, events
 * wait. If it cannot be loaded, moves are left out.
 */
export function loadScreens(append: Append): (events: RunEvent[]) => void {
  let openScreen: OpenScreen | undefined;
  let waiting: RunEvent[] | undefined;
  const appendWaiting = () => {
    const events = waiting ?? [];
    waiting = undefined;
    append(events, openScreen);
  };
  return (events) => {
    if (waiting) waiting.push(...events);
    else if (openScreen || !events.some((event) => event.type === 'log' && mayMoveCursor(event.text)))
      append(events, openScreen);
    else {
      waiting = [...events];
      void screensFor(events)
        .then((loaded) => (openScreen = loaded))
        .then(appendWaiting);
    }
  };
}
