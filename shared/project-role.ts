/** Viewers watch. Editors also create, run and cancel. Owners also manage members, keys and settings. */
export const projectRoles = ['viewer', 'editor', 'owner'] as const;
export type ProjectRole = (typeof projectRoles)[number];

/** True if `role` has all permissions of `needed`. */
export function includesRole(role: ProjectRole, needed: ProjectRole): boolean {
  return projectRoles.indexOf(role) >= projectRoles.indexOf(needed);
}
