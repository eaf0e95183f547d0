import { z } from 'zod';

/** What somebody may do in a project: watch; also create, run and cancel; also manage members, keys and settings. */
export const projectRole = z.enum(['viewer', 'editor', 'owner']);
export type ProjectRole = z.infer<typeof projectRole>;

/** Whether a role includes what another one may do. */
export function includesRole(role: ProjectRole, needed: ProjectRole): boolean {
  return projectRole.options.indexOf(role) >= projectRole.options.indexOf(needed);
}
