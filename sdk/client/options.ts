import { RunlightError } from './errors.ts';

export interface RunlightOptions {
  /** Where people open Runlight, such as `https://runlight.example.com`; default: the environment's `RUNLIGHT_URL`. */
  url?: string | undefined;
  /** An API key, or the access token of a Runlight without accounts; default: the environment's `RUNLIGHT_TOKEN`. */
  token?: string | undefined;
  /** The id of the project; default: the one of the key. */
  project?: string | undefined;
  /** How long to try to reach Runlight, for a call with all its attempts, or for the beginning of a stream, in ms; default 30 s. */
  timeoutMs?: number | undefined;
  /** After how long without Runlight a stream that has begun fails, in ms; default 5 minutes. `Infinity`: never. */
  outageTimeoutMs?: number | undefined;
  /** Called when a stream is cut, with the reason, and with `undefined` when it goes on. */
  onConnectionChange?: ((lost: string | undefined) => void) | undefined;
  /** False: a call is tried once, for programs that try again themselves. */
  retries?: boolean | undefined;
  /** Another `fetch`, such as one that goes through a proxy. */
  fetch?: typeof globalThis.fetch | undefined;
}

export interface Settings {
  /** Without a slash at its end. */
  url: string;
  /** Sent with every request. */
  headers: Record<string, string>;
  retries: boolean;
  timeoutMs: number;
  outageTimeoutMs: number;
  onConnectionChange: (lost: string | undefined) => void;
  fetch: typeof globalThis.fetch;
}

/** Throws a `RunlightError` that says what is missing or wrong, and where to get it. */
export function readOptions(options: RunlightOptions): Settings {
  const address = options.url ?? environment('RUNLIGHT_URL');
  if (!address) throw invalid('The address of Runlight is missing: pass `url`, or set RUNLIGHT_URL.');
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    throw invalid(`"${address}" is not the address of a Runlight: it looks like https://runlight.example.com.`);
  const { origin, pathname, searchParams } = new URL(address);
  // The address that a Runlight without accounts prints when it starts has its token.
  const token = options.token ?? environment('RUNLIGHT_TOKEN') ?? searchParams.get('token');
  if (!token)
    throw invalid(
      'The token is missing: pass `token`, or set RUNLIGHT_TOKEN. It is an API key (Settings, API keys), or the content ' +
        'of .runlight/access-token for a Runlight without accounts.',
    );
  if (!/^[\x21-\x7e]+$/.test(token))
    throw invalid('The token has spaces or characters that no token has: copy it again.');
  return {
    url: origin + pathname.replace(/\/+$/, ''),
    headers: {
      authorization: `Bearer ${token}`,
      ...(options.project !== undefined && { 'x-runlight-project': options.project }),
    },
    retries: options.retries ?? true,
    timeoutMs: options.timeoutMs ?? 30_000,
    outageTimeoutMs: options.outageTimeoutMs ?? 300_000,
    onConnectionChange: options.onConnectionChange ?? (() => {}),
    // Looked up at each call: a program may replace it later.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

const invalid = (message: string) => new RunlightError(message, { code: 'INVALID_OPTIONS' });

/** A variable of the environment; undefined where there is none, as in browsers. Empty is as good as missing. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
