import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { CircleCheck, CircleX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Toaster } from 'sonner';
import { JobsProvider } from './jobs/jobs-context.tsx';
import { QueueStats } from './queue/queue-stats.tsx';
import { LostStream } from './runs/lost-stream.tsx';
import { useLiveActivity } from './runs/use-live-activity.ts';
import { ConnectionState } from './ui/connection-state.tsx';
import { useDebounced } from './ui/use-debounced.ts';
import { Logo } from './ui/logo.tsx';
import { ThemeToggle, useTheme } from './ui/theme-toggle.tsx';

const sections = [
  { to: '/tests', label: 'Tests' },
  { to: '/jobs', label: 'Jobs' },
  { to: '/runs', label: 'Runs' },
] as const;

/** The frame around every page: navigation, state of the queue and of the connection, toasts. */
export function App() {
  const { connection, reconnect } = useLiveActivity();
  // Servers end long streams in order to renew them, and one that comes back may fail again: neither is news.
  const settled = useDebounced(connection, connection === 'reconnecting' ? 1_000 : 200);
  const [theme, setTheme] = useTheme();
  const main = useFocusOnNavigation();
  return (
    <JobsProvider>
      <a
        href="#main"
        className="absolute top-2 left-2 z-50 -translate-y-20 rounded-lg bg-ink px-4 py-2 text-on-ink focus:translate-y-0"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-surface">
        <div className="mx-auto flex max-w-[90rem] flex-wrap items-center gap-x-6 px-4 sm:px-6">
          <Link to="/tests" className="flex items-center gap-2.5 py-3 text-base font-semibold tracking-tight">
            <Logo /> Runlight
          </Link>
          <nav aria-label="Main" className="order-last -mx-1 flex w-full gap-1 sm:order-none sm:w-auto">
            {sections.map(({ to, label }) => (
              <Link
                key={to}
                to={to}
                className="relative flex min-h-11 items-center px-3 font-medium text-muted hover:text-ink focus-visible:-outline-offset-4 data-[status=active]:text-ink data-[status=active]:after:absolute data-[status=active]:after:inset-x-3 data-[status=active]:after:bottom-0 data-[status=active]:after:h-0.5 data-[status=active]:after:rounded-full data-[status=active]:after:bg-lamp"
              >
                {label}
              </Link>
            ))}
          </nav>
          <div className="ml-auto flex items-center gap-3 sm:gap-5">
            <QueueStats />
            <ConnectionState connection={settled} />
            <ThemeToggle theme={theme} onChange={setTheme} />
          </div>
        </div>
      </header>
      <main
        ref={main}
        id="main"
        tabIndex={-1}
        className="mx-auto max-w-[90rem] px-4 py-6 focus:outline-none sm:px-6 sm:py-8"
      >
        {settled !== 'connecting' && settled !== 'live' && <LostStream reason={settled} onReconnect={reconnect} />}
        <Outlet />
      </main>
      <Toaster
        theme={theme}
        position="bottom-right"
        closeButton
        expand
        duration={5_000}
        icons={{
          success: <CircleCheck aria-hidden className="size-5 text-good" />,
          error: <CircleX aria-hidden className="size-5 text-bad" />,
        }}
      />
    </JobsProvider>
  );
}

/** A new page takes the focus, as it would if the browser had loaded it. */
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
