import { createRunlight, type Runlight } from '#sdk/client/create-runlight.ts';
import { readOptions, type Settings } from '#sdk/client/options.ts';
import type { Access } from './access.ts';

export interface Connection {
  runlight: Runlight;
  /** For requests that are no calls of a procedure. */
  settings: Pick<Settings, 'url' | 'headers' | 'fetch'>;
  /** Epoch ms on Runlight's clock: that of this machine may be wrong. */
  now(): number;
  /** Calls back when a stream is cut, with the reason, and with undefined when it goes on. */
  onConnectionChange(listener: (lost: string | undefined) => void): void;
}

export function connect({ url, token, project }: Access, options: { timeoutMs?: number } = {}): Connection {
  let ahead = 0;
  let listener: (lost: string | undefined) => void = () => {};
  const runlight = createRunlight({
    url,
    token,
    project,
    ...options,
    onConnectionChange: (lost) => listener(lost),
    async fetch(input, init) {
      const response = await globalThis.fetch(input, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      // The header has whole seconds, so that a second is no difference.
      if (!Number.isNaN(date)) ahead = Math.abs(date - Date.now()) > 2_000 ? date - Date.now() : 0;
      return response;
    },
  });
  return {
    runlight,
    settings: readOptions({ url, token, project }),
    now: () => Date.now() + ahead,
    onConnectionChange: (added) => (listener = added),
  };
}
