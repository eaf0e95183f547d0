import { readFileSync } from 'node:fs';
import path from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { playwrightApi } from './scripts/playwright-api.ts';
import { scriptTypes } from './scripts/script-types.ts';

const api = `http://127.0.0.1:${process.env['PORT'] ?? 3000}`;

const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'package.json'), 'utf8'));

export default defineConfig({
  root: 'client',
  plugins: [react(), tailwindcss(), playwrightApi(), scriptTypes()],
  // Plugins of the build of web workers; the development server takes those above.
  worker: { format: 'es', plugins: () => [scriptTypes()] },
  define: { 'import.meta.env.VITE_RUNLIGHT_VERSION': JSON.stringify(version) },
  // `runlight-source` makes package.json's `#shared/*` mean the TypeScript files instead of the built ones.
  resolve: { conditions: ['runlight-source', ...defaultClientConditions] },
  build: {
    outDir: path.resolve(import.meta.dirname, 'dist/client'),
    emptyOutDir: true,
    // For scripts/check-bundle.js.
    manifest: true,
    // The first versions with light-dark() and popovers.
    target: ['chrome123', 'firefox125', 'safari17.5'],
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    // The last: the address that the server prints, whose token it makes a cookie.
    proxy: { '/api': api, '/artifacts': api, '/trace-viewer': api, '^/runlight.*\\.tgz$': api, '^/\\?token=': api },
    // Vite would serve nothing outside of its root, which is `client`.
    fs: {
      allow: ['client', 'sdk', 'shared', 'node_modules'].map((folder) => path.resolve(import.meta.dirname, folder)),
    },
  },
});
