import { useEffect, useState } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'runlight-theme';
const systemDark = () => matchMedia('(prefers-color-scheme: dark)');

function chosenTheme(): Theme {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function apply(theme: Theme) {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}

function store(theme: Theme) {
  try {
    if (theme === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Without storage the choice lasts until the page is reloaded.
  }
}

/** The theme that the user chose, here or in another tab, and the one on screen. `public/theme.js` applies it first. */
export function useTheme() {
  const [chosen, setChosen] = useState(chosenTheme);
  const [system, setSystem] = useState<'light' | 'dark'>(() => (systemDark().matches ? 'dark' : 'light'));

  useEffect(() => {
    const query = systemDark();
    const onSystem = () => setSystem(query.matches ? 'dark' : 'light');
    const onStorage = ({ key, newValue }: StorageEvent) => {
      if (key !== storageKey) return;
      const theme = newValue === 'light' || newValue === 'dark' ? newValue : 'system';
      apply(theme);
      setChosen(theme);
    };
    query.addEventListener('change', onSystem);
    window.addEventListener('storage', onStorage);
    return () => {
      query.removeEventListener('change', onSystem);
      window.removeEventListener('storage', onStorage);
    };
  }, []);

  return {
    chosen,
    shown: chosen === 'system' ? system : chosen,
    choose(theme: Theme) {
      apply(theme);
      store(theme);
      setChosen(theme);
    },
  };
}
