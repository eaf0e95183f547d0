import { useEffect, useEffectEvent } from 'react';

/** Calls `onPress` for Ctrl or Cmd with `key` (as in KeyboardEvent.key) anywhere on the page, and overrides the browser. */
export function useHotkey(key: string, onPress: () => void) {
  const press = useEffectEvent(onPress);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (event.key.toLowerCase() !== key.toLowerCase()) return;
      event.preventDefault();
      event.stopPropagation();
      // A key that is held down repeats.
      if (!event.repeat) press();
    };
    // Capturing, because the code editor binds some of these keys.
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [key]);
}

/** The label of the modifier key of `useHotkey` on this system. */
export const modifierKey = /Mac|iP(hone|ad)/.test(globalThis.navigator?.platform ?? '') ? '⌘' : 'Ctrl+';
