import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Ellipsis, KeyRound, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Footer } from './footer.tsx';
import { PaletteDialog } from './lazy-palette.tsx';
import { Navigation } from './navigation.tsx';
import { useTabStatus } from './use-tab-status.ts';
import { JobsProvider } from '#client/jobs/jobs-context.tsx';
import { QueueMeters } from '#client/queue/queue-meters.tsx';
import { LostStream } from '#client/live/lost-stream.tsx';
import { useLiveActivity } from '#client/runs/activity/use-live-activity.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { ConnectionState } from '#client/ui/connection-state.tsx';
import { Logo } from '#client/ui/logo.tsx';
import { useDebounced } from '#client/ui/use-debounced.ts';
import { modifierKey, useHotkey } from '#client/ui/use-hotkey.ts';
import { useTheme } from '#client/ui/use-theme.ts';
import { TitlePrefix } from '#client/ui/window-title.tsx';

// Without it there are no toasts, and all else works.
const Toaster = lazy(() => import('#client/ui/toaster.tsx').catch(() => ({ default: () => null })));

/** The shell around every page: navigation, palette, state of the queue and of the connection, toasts. */
export function App() {
  const { connection, reconnect } = useLiveActivity();
  // Short interruptions are not shown: servers end long streams to renew them, and a restarting server can fail twice.
  const settled = useDebounced(connection, connection === 'reconnecting' ? 1_000 : 200);
  const theme = useTheme();
  const titlePrefix = useTabStatus();
  const main = useFocusOnNavigation();
  const mayEdit = useMayEdit();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  useHotkey('k', () => setPaletteOpen((open) => !open));

  return (
    <JobsProvider>
      <TitlePrefix value={titlePrefix}>
        <a
          href="#main"
          className="fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-ink px-4 py-2 text-on-ink focus:translate-y-0"
        >
          Skip to the content
        </a>
        <div className="md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
          <aside
            aria-label="Sidebar"
            className="z-30 border-line bg-surface max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t max-md:pb-[env(safe-area-inset-bottom)] md:sticky md:top-0 md:flex md:h-dvh md:flex-col md:gap-4 md:overflow-y-auto md:border-r md:p-3"
          >
            <Home className="max-md:hidden md:px-2 md:pt-1" />
            <button
              type="button"
              onClick={() => setPaletteOpen(true)}
              className="flex min-h-9 items-center gap-2.5 rounded-lg border border-line bg-sunken px-2.5 text-sm text-muted hover:text-ink max-md:hidden"
            >
              <Search aria-hidden className="size-4" />
              <span className="flex-1 truncate text-left">Search or run</span>
              <kbd className="font-sans text-xs whitespace-nowrap">{modifierKey}K</kbd>
            </button>
            <Navigation />
            <div className="mt-auto max-md:hidden">
              <Footer theme={theme.chosen} onTheme={theme.choose} />
            </div>
          </aside>
          <div className="min-w-0 max-md:pb-[calc(3.5rem+env(safe-area-inset-bottom))]">
            <header className="sticky top-0 z-20 flex min-h-13 items-center gap-2 border-b border-line bg-surface px-3 sm:px-6">
              <Home className="md:hidden" />
              <div className="ml-auto flex items-center gap-2 sm:gap-4">
                <ConnectionState connection={settled} />
                <QueueMeters />
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label="Search or run"
                  className="md:hidden"
                  onClick={() => setPaletteOpen(true)}
                >
                  <Search aria-hidden className="size-[1.125rem]" />
                </Button>
                <Button variant="ghost" size="icon" aria-label="More" className="md:hidden" popoverTarget="more">
                  <Ellipsis aria-hidden className="size-[1.125rem]" />
                </Button>
              </div>
            </header>
            <div
              id="more"
              popover="auto"
              role="dialog"
              aria-label="More"
              className="inset-auto top-14 right-3 w-56 rounded-xl border border-line-strong bg-raised p-3 text-ink shadow-2xl md:hidden"
            >
              {mayEdit && (
                <Link
                  to="/settings/variables"
                  className="mb-3 flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 text-sm text-muted hover:bg-hover hover:text-ink"
                >
                  <KeyRound aria-hidden className="size-4" /> Variables
                </Link>
              )}
              <Footer theme={theme.chosen} onTheme={theme.choose} />
            </div>
            <main
              ref={main}
              id="main"
              tabIndex={-1}
              className="mx-auto max-w-[100rem] px-4 py-5 focus:outline-none sm:px-6 sm:py-7"
            >
              {settled !== 'connecting' && settled !== 'live' && (
                <LostStream reason={settled} onReconnect={reconnect} />
              )}
              <Outlet />
            </main>
          </div>
        </div>
        {isPaletteOpen && <PaletteDialog onTheme={theme.choose} onClose={() => setPaletteOpen(false)} />}
        <Suspense>
          <Toaster theme={theme.shown} />
        </Suspense>
      </TitlePrefix>
    </JobsProvider>
  );
}

function Home({ className }: { className: string }) {
  return (
    <Link to="/" className={`flex items-center gap-2.5 text-base font-semibold tracking-tight ${className}`}>
      <Logo /> <span className="max-[23rem]:sr-only">Runlight</span>
    </Link>
  );
}

/** Moves the focus to a new page, as a browser does when it loads one. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const pathname = useLocation({ select: (location) => location.pathname });
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
