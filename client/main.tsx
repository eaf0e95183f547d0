import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAppRouter } from './router.tsx';
import { api, createApiClient, createQueryClient } from './trpc.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html lacks the element #root');

const queryClient = createQueryClient();

createRoot(root).render(
  <StrictMode>
    <api.Provider client={createApiClient()} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={createAppRouter()} />
      </QueryClientProvider>
    </api.Provider>
  </StrictMode>,
);
