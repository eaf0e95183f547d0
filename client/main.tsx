import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { isSharedPath, isSignedOutPath, leaveForSignIn } from '#client/session/sign-in.ts';
import { loadPalette } from '#client/shell/lazy-palette.tsx';
import { createConnection } from '#client/live/connection.ts';
import { createAppRouter } from '#client/shell/router.tsx';
import { createQueryClient } from '#client/query/query-client.ts';
import { api, createApiClient } from '#client/query/trpc.ts';
import { ConnectionContext } from '#client/live/use-connection.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html lacks the element #root');

/** For people with a share link. */
const SharedApp = lazy(async () => ({ default: (await import('#client/shell/shared-app.tsx')).SharedApp }));

/** Loaded lazily: users with a session do not need it. */
const SignedOutApp = lazy(async () => ({ default: (await import('#client/session/signed-out-app.tsx')).SignedOutApp }));

const queryClient = createQueryClient();
const connection = createConnection();
const router = createAppRouter();

createRoot(root).render(
  <StrictMode>
    {isSharedPath(location.pathname) ? (
      <QueryClientProvider client={queryClient}>
        <Suspense>
          <SharedApp connection={connection} />
        </Suspense>
      </QueryClientProvider>
    ) : (
      <api.Provider client={createApiClient({ connection, onSignedOut: leaveForSignIn })} queryClient={queryClient}>
        <QueryClientProvider client={queryClient}>
          <ConnectionContext value={connection}>
            {isSignedOutPath(location.pathname) ? (
              <Suspense>
                <SignedOutApp />
              </Suspense>
            ) : (
              <RouterProvider router={router} />
            )}
          </ConnectionContext>
        </QueryClientProvider>
      </api.Provider>
    )}
  </StrictMode>,
);

// The rest of the app loads once the first page is idle.
const whenIdle = globalThis.requestIdleCallback ?? ((callback: () => void) => setTimeout(callback, 1_000));
window.addEventListener('load', () =>
  whenIdle(() => {
    void loadPalette();
    for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route);
  }),
);
