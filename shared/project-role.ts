/** What somebody may do in a project: watch; also create, run and cancel; also manage members, keys and settings. */
export const projectRoles = ['viewer', 'editor', 'owner'] as const;
export type ProjectRole = (typeof projectRoles)[number];

/** Whether a role includes what another one may do. */
export function includesRole(role: ProjectRole, needed: ProjectRole): boolean {
  return projectRoles.indexOf(role) >= projectRoles.indexOf(needed);
}
