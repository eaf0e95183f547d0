import { useEffect, useEffectEvent } from 'react';

/** Calls `onPress` for Ctrl or Cmd with `key` (as in KeyboardEvent.key) anywhere on the page, instead of the browser. */
export function useHotkey(key: string, onPress: () => void) {
  const press = useEffectEvent(onPress);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (event.key.toLowerCase() !== key.toLowerCase()) return;
      event.preventDefault();
      event.stopPropagation();
      // A held key repeats; nobody means to save or run thirty times a second.
      if (!event.repeat) press();
    };
    // Capturing: the code editor has its own meaning for some of these keys.
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [key]);
}

/** How the modifier of `useHotkey` is written on this machine's keys. */
export const modifierKey = /Mac|iP(hone|ad)/.test(globalThis.navigator?.platform ?? '') ? '⌘' : 'Ctrl+';
