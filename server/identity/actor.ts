import type { Caller, CallerScope } from './caller.ts';
import type { ActorKind } from '#shared/audit.ts';

/** Who does something, and from where. */
export interface Who {
  kind: ActorKind;
  /** Of a user or a key; for the others, their kind. */
  id: string;
  /** For people to read. */
  name: string;
  /** Where the request came from; null when nobody sent one. */
  address: string | null;
}

/** Who changes something in a project. Queries that write take one, and so can say who it was. */
export interface Actor extends Who {
  projectId: string;
}

/** One who has been let in. */
export type CallerActor = Actor & CallerScope;

/** The caller of a procedure. */
export function actorOf(caller: Caller & { address: string }): CallerActor {
  const { kind, id, name } = caller.principal;
  const { address, projectId, organizationId, ownsOrganization } = caller;
  const where = { address, projectId, organizationId, ownsOrganization };
  return kind === 'local'
    ? { kind: 'token', id: 'token', name: 'Access token', ...where }
    : { kind, id, name, ...where };
}

/** Somebody who has not been let in. */
export function strangerAt(address: string): Who {
  return { kind: 'anonymous', id: 'anonymous', name: 'Somebody', address };
}

/** The schedule of a job. */
export function scheduleActor(projectId: string): Actor {
  return { kind: 'schedule', id: 'schedule', name: 'Schedule', address: null, projectId };
}

/** Runlight itself, which brings the sample tests. */
export function systemActor(projectId: string): Actor {
  return { kind: 'system', id: 'system', name: 'Runlight', address: null, projectId };
}

/** What lists of runs say of who started one: nothing where there is only one person, or nobody. */
export function nameToShow({ kind, name }: Actor): string | null {
  return kind === 'user' || kind === 'key' ? name : null;
}
