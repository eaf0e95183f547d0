import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { configPath, readConfig } from './config-file.ts';

/** What flags may say; absent: not said. */
export interface AccessOptions {
  url?: string | undefined;
  token?: string | undefined;
  project?: string | undefined;
}

export interface Access {
  /** Without a slash at its end, a query and a token. */
  url: string;
  token: string;
  project: string | undefined;
  /** Where the token comes from, in words. */
  tokenFrom: string;
}

const misuse = (message: string) => new CliError(message, exitCodes.wrongUse);

/** Throws for what is no address. The message shows no query, since that may hold a token. */
export function parseAddress(text: string, from: string): { url: string; token: string | undefined } {
  const address = text.trim();
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    throw misuse(
      `"${address.replace(/[?#].*/s, '')}" (${from}) is not the address of a Runlight: it looks like https://runlight.example.com.`,
    );
  const { origin, pathname, searchParams } = new URL(address);
  return { url: origin + pathname.replace(/\/+$/, ''), token: searchParams.get('token') ?? undefined };
}

/**
 * Where Runlight is and what opens its door: flags come before the environment, and that before the stored login.
 * `addressOfRun` is the Runlight of an address that the user gave; it comes last. The stored token is sent only to the
 * Runlight that it is of.
 */
export async function readAccess(host: Host, options: AccessOptions, addressOfRun?: string): Promise<Access> {
  const { RUNLIGHT_TOKEN, RUNLIGHT_PROJECT } = host.env;
  const { url, stored, tokenOfAddress } = await locate(host, options, addressOfRun);
  const isStoredHere = stored?.url === url;
  const project = options.project ?? (RUNLIGHT_PROJECT || (isStoredHere ? stored.project : undefined));
  const token = options.token ?? (RUNLIGHT_TOKEN || tokenOfAddress);
  if (token !== undefined) {
    const tokenFrom = options.token === undefined ? (RUNLIGHT_TOKEN ? 'RUNLIGHT_TOKEN' : 'the address') : '--token';
    return { url, token: checkToken(token, tokenFrom), project, tokenFrom };
  }
  if (!isStoredHere)
    throw misuse(
      `The token for ${url} is missing${stored ? ` (the stored login is of ${stored.url})` : ''}: run ` +
        `\`runlight login --url ${url}\`, or set RUNLIGHT_TOKEN.`,
    );
  return { url, token: checkToken(stored.token, configPath(host)), project, tokenFrom: configPath(host) };
}

/** Where Runlight is, whatever opens its door. */
export async function readUrl(host: Host, options: AccessOptions, addressOfRun?: string): Promise<string> {
  return (await locate(host, options, addressOfRun)).url;
}

async function locate(host: Host, options: AccessOptions, addressOfRun: string | undefined) {
  const { RUNLIGHT_URL, RUNLIGHT_TOKEN } = host.env;
  const given = options.url
    ? parseAddress(options.url, '--url')
    : RUNLIGHT_URL
      ? parseAddress(RUNLIGHT_URL, 'RUNLIGHT_URL')
      : undefined;
  const isComplete = given !== undefined && Boolean(options.token ?? (RUNLIGHT_TOKEN || given.token));
  const stored = isComplete ? undefined : await readConfig(host);
  const url = given?.url ?? stored?.url ?? addressOfRun;
  if (url === undefined)
    throw misuse('The address of Runlight is missing: run `runlight login`, or set RUNLIGHT_URL and RUNLIGHT_TOKEN.');
  if (addressOfRun !== undefined && addressOfRun !== url)
    throw misuse(`The run is of ${addressOfRun}, and the Runlight in use is ${url}: pass --url ${addressOfRun}.`);
  return { url, stored, tokenOfAddress: given?.token };
}

/** Resolves to the token as it is sent. */
export function checkToken(token: string, from: string): string {
  const trimmed = token.trim();
  if (trimmed === '') throw misuse(`The token (${from}) is empty: create an API key in Runlight, Settings, API keys.`);
  if (!/^[\x21-\x7e]+$/.test(trimmed))
    throw misuse(`The token (${from}) has spaces or characters that no token has: copy it again.`);
  return trimmed;
}
