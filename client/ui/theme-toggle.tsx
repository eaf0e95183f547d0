import { Moon, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

type Theme = 'light' | 'dark';

const storageKey = 'runlight-theme';
const systemDark = () => matchMedia('(prefers-color-scheme: dark)');

function chosenTheme(): Theme | null {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : null;
}

/** Choosing what the system has anyway means to follow the system again. */
function choose(theme: Theme | null) {
  const root = document.documentElement;
  if (theme) root.dataset['theme'] = theme;
  else delete root.dataset['theme'];
  try {
    if (theme) localStorage.setItem(storageKey, theme);
    else localStorage.removeItem(storageKey);
  } catch {
    // Without storage the choice holds until the page is loaded again.
  }
}

/** The theme on screen: the user's choice (see public/theme.js), else the system's. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [system, setSystem] = useState<Theme>(() => (systemDark().matches ? 'dark' : 'light'));
  const [chosen, setChosen] = useState(chosenTheme);

  useEffect(() => {
    const query = systemDark();
    const onChange = () => setSystem(query.matches ? 'dark' : 'light');
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);

  return [
    chosen ?? system,
    (theme) => {
      const choice = theme === system ? null : theme;
      choose(choice);
      setChosen(choice);
    },
  ];
}

export function ThemeToggle({ theme, onChange }: { theme: Theme; onChange: (theme: Theme) => void }) {
  const next = theme === 'dark' ? 'light' : 'dark';
  const Icon = theme === 'dark' ? Sun : Moon;
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={`Switch to ${next} theme`}
      title={`Switch to ${next} theme`}
      onClick={() => onChange(next)}
    >
      <Icon aria-hidden className="size-[1.125rem]" />
    </Button>
  );
}
