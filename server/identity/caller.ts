import type { ProjectRole } from '#shared/project-role.ts';

/** Who asks. */
export interface Principal {
  /** `local`: whoever holds the access token of a Runlight without accounts. */
  kind: 'local' | 'user' | 'key';
  id: string;
  /** For people to read. */
  name: string;
}

/** Who asks, in which project, and what they may do there. All requests of one caller may share it: it is not changed. */
export interface Caller {
  readonly principal: Principal;
  readonly projectId: string;
  /** That the project was in when they were let in. What they may do there holds nowhere else, should the project move. */
  readonly organizationId: string;
  readonly role: ProjectRole;
  /** They own the project's organisation: all of its projects, and who is in it. Keys never do. */
  readonly ownsOrganization: boolean;
  /** Of a user that has signed in. */
  readonly sessionId?: string;
}

/** Where a caller acts: lists and changes hold to the organisation that they were let in to. */
export type CallerScope = Pick<Caller, 'projectId' | 'organizationId' | 'ownsOrganization'>;
