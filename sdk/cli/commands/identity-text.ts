import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { OutputOf } from '#sdk/client/procedures.ts';
import { cleanLine } from '#shared/clean-text.ts';

export type Identity = OutputOf<Runlight['account']['me']>;

const kinds = { user: 'user', key: 'API key', local: 'access token' } as const;

/** `Ada (user, editor) in the project "Default"`. */
export function identityText({ name, kind, role, project }: Identity): string {
  return `${cleanLine(name)} (${kinds[kind]}, ${role}) in the project "${cleanLine(project.name)}"`;
}
