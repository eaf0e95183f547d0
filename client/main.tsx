import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createConnection } from './connection.ts';
import { createAppRouter } from './router.tsx';
import { api, createApiClient, createQueryClient } from './trpc.ts';
import { ConnectionContext } from './use-connection.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html lacks the element #root');

const queryClient = createQueryClient();
const connection = createConnection();

createRoot(root).render(
  <StrictMode>
    <api.Provider client={createApiClient(connection)} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <ConnectionContext value={connection}>
          <RouterProvider router={createAppRouter()} />
        </ConnectionContext>
      </QueryClientProvider>
    </api.Provider>
  </StrictMode>,
);
