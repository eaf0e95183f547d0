import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

export function isId(text: string): boolean {
  return uuid.test(text);
}

/** A run that the user has named by its id or its address. */
export interface RunReference {
  runId: string;
  /** The Runlight of the address; undefined for an id. */
  url: string | undefined;
}

/** Throws for what is neither an id nor the address of a run. */
export function parseRunReference(text: string): RunReference {
  const given = text.trim();
  if (isId(given)) return { runId: given.toLowerCase(), url: undefined };
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) {
    const { origin, pathname } = new URL(given);
    const { base, runId } = /^(?<base>.*)\/runs\/(?<runId>[^/]+)\/?$/.exec(pathname)?.groups ?? {};
    if (base !== undefined && runId !== undefined && isId(runId))
      return { runId: runId.toLowerCase(), url: origin + base };
  }
  throw new CliError(
    `"${given.replace(/[?#].*/s, '')}" is neither the id nor the address of a run. \`runlight status\` lists runs.`,
    exitCodes.wrongUse,
  );
}
