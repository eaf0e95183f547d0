import { useQuery, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import type { Connection } from '#client/live/connection.ts';
import { ConnectionContext } from '#client/live/use-connection.ts';
import { api, createApiClient } from '#client/query/trpc.ts';
import { GuestContext } from '#client/session/guest.ts';
import { requestJson } from '#client/session/sign-in.ts';
import { LoadedSignedOutPage, SignedOutPage } from '#client/session/signed-out-page.tsx';
import { createSharedRouter } from './shared-router.tsx';

interface SharedRun {
  runId: string;
  expiresAt: string;
}

/** The page of a share link: one run, for people who have not signed in. */
export function SharedApp({ connection }: { connection: Connection }) {
  const secret = location.pathname.replace(/^\/shared\//, '');
  const link = useQuery({
    queryKey: ['shared-run', secret],
    queryFn: () => requestJson<SharedRun>('/api/shared-runs', { secret }),
    staleTime: Infinity,
    retry: false,
  });
  return (
    <LoadedSignedOutPage title="Shared run" problem="The link does not open" query={link} canRetry>
      {(shared) => <OpenLink key={shared.runId} shared={shared} connection={connection} />}
    </LoadedSignedOutPage>
  );
}

function OpenLink({ shared, connection }: { shared: SharedRun; connection: Connection }) {
  const queryClient = useQueryClient();
  const [isGone, setGone] = useState(false);
  const [client] = useState(() =>
    createApiClient({ connection, sharedRunId: shared.runId, onSignedOut: () => setGone(true) }),
  );
  const [router] = useState(() => createSharedRouter(shared));
  if (isGone)
    return (
      <SignedOutPage title="The link does not open any more">
        <p className="mt-2 text-muted">It has expired or was revoked. Ask the person who sent it for a new one.</p>
      </SignedOutPage>
    );
  return (
    <api.Provider client={client} queryClient={queryClient}>
      <ConnectionContext value={connection}>
        <GuestContext value={true}>
          <RouterProvider router={router as never} />
        </GuestContext>
      </ConnectionContext>
    </api.Provider>
  );
}
