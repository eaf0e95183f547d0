import { useEffect, useState } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'runlight-theme';
const systemDark = () => matchMedia('(prefers-color-scheme: dark)');

const toTheme = (text: string | null | undefined): Theme => (text === 'light' || text === 'dark' ? text : 'system');

const chosenTheme = () => toTheme(document.documentElement.dataset['theme']);

function apply(theme: Theme) {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}

/** What is stored; without storage, what is on screen. */
function storedTheme(): Theme {
  try {
    return toTheme(localStorage.getItem(storageKey));
  } catch {
    return chosenTheme();
  }
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
    const followStorage = () => {
      const theme = storedTheme();
      apply(theme);
      setChosen(theme);
    };
    const onStorage = ({ key }: StorageEvent) => {
      // The key is null if everything was removed.
      if (key === storageKey || key === null) followStorage();
    };
    query.addEventListener('change', onSystem);
    window.addEventListener('storage', onStorage);
    // Another tab may have chosen between the first paint of this one and now.
    followStorage();
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
