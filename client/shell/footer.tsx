import { AccountMenu } from '#client/session/account-menu.tsx';
import { ThemePicker } from '#client/ui/theme-picker.tsx';
import type { Theme } from '#client/ui/use-theme.ts';

/** Account and theme: at the bottom of the sidebar, and in the menu on phones. */
export function Footer({ theme, onTheme }: { theme: Theme; onTheme: (theme: Theme) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <AccountMenu />
      <ThemePicker theme={theme} onChange={onTheme} />
    </div>
  );
}
