import { AccountMenu } from '#client/session/account-menu.tsx';
import { ThemePicker } from '#client/ui/theme-picker.tsx';
import type { Theme } from '#client/ui/use-theme.ts';

/** What concerns the user and not the runs: at the foot of the sidebar, in the menu of a phone. */
export function Footer({ theme, onTheme }: { theme: Theme; onTheme: (theme: Theme) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <AccountMenu />
      <ThemePicker theme={theme} onChange={onTheme} />
    </div>
  );
}
