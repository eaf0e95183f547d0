import type { CallerRole } from '#shared/project-role.ts';

/** An authenticated user, API key, access token or share link. */
export interface Principal {
  /** `local`: the access token of a Runlight without accounts. */
  kind: 'local' | 'user' | 'key' | 'link';
  id: string;
  /** Display name. */
  name: string;
}

/** A principal in a project, with their permissions there. Requests share the object, so it does not change. */
export interface Caller {
  readonly principal: Principal;
  readonly projectId: string;
  /** The project's organisation at the time of authentication. The permissions end when the project moves to another one. */
  readonly organizationId: string;
  readonly role: CallerRole;
  /** The only run that a guest may see; undefined for all others. */
  readonly sharedRunId?: string;
  /** Owners of the organisation manage all of its projects and members. Always false for keys. */
  readonly ownsOrganization: boolean;
  /** Set for users. */
  readonly sessionId?: string;
}

/** The scope of lists and changes: the organisation is that of authentication. */
export type CallerScope = Pick<Caller, 'projectId' | 'organizationId' | 'ownsOrganization'>;
