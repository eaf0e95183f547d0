import type { Caller, CallerScope } from './caller.ts';
import type { ActorKind } from '#shared/audit.ts';

/** The author of an audit event. */
export interface Who {
  kind: ActorKind;
  /** Id of the user or the key; for other kinds, the kind itself. */
  id: string;
  /** Display name. */
  name: string;
  /** Client address of the request; null without a request. */
  address: string | null;
}

/** The author of a change in a project. Queries that write take one for their audit event. */
export interface Actor extends Who {
  projectId: string;
}

/** The caller of a procedure, as the author of a change. */
export type CallerActor = Actor & CallerScope;

export function actorOf(caller: Caller & { address: string }): CallerActor {
  const { kind, id, name } = caller.principal;
  const { address, projectId, organizationId, ownsOrganization } = caller;
  const where = { address, projectId, organizationId, ownsOrganization };
  return kind === 'local'
    ? { kind: 'token', id: 'token', name: 'Access token', ...where }
    : { kind, id, name, ...where };
}

/** A caller who is not authenticated. */
export function strangerAt(address: string): Who {
  return { kind: 'anonymous', id: 'anonymous', name: 'Somebody', address };
}

/** The schedule of a job. */
export function scheduleActor(projectId: string): Actor {
  return { kind: 'schedule', id: 'schedule', name: 'Schedule', address: null, projectId };
}

/** Runlight itself, which adds the sample tests. */
export function systemActor(projectId: string): Actor {
  return { kind: 'system', id: 'system', name: 'Runlight', address: null, projectId };
}

/** Who started a run, as lists show it: users and keys by name; null for the access token, schedules and Runlight. */
export function nameToShow({ kind, name }: Actor): string | null {
  return kind === 'user' || kind === 'key' ? name : null;
}
