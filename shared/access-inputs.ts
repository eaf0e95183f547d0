import { z } from 'zod';
import { auditActions, auditOutcomes } from './audit.ts';
import { cursor, id, limit, name, time } from './inputs.ts';
import { projectRoles } from './project-role.ts';

const email = z.email('must be an e-mail address').max(200).toLowerCase();
const projectRole = z.enum(projectRoles);
const userId = z.string().min(1).max(100);

export const accountInputs = {
  revokeSession: z.object({ sessionId: z.string().min(1).max(100) }),
};

export const memberInputs = {
  setRole: z.object({
    userId,
    /** In all projects of the organisation; null: in those alone in which they have a role of their own. */
    role: projectRole.nullable(),
  }),
  setProjectRole: z.object({ userId, role: projectRole }),
  remove: z.object({
    userId,
    /** Also the API keys that they made, in all projects of the organisation. */
    revokeKeys: z.boolean().default(false),
  }),
  leave: z.object({ organizationId: id }),
  removeFromProject: z.object({
    userId,
    /** Also the API keys that they made in the project. */
    revokeKeys: z.boolean().default(false),
  }),
  resetLink: z.object({ userId }),
  invite: z.object({ email, role: projectRole }),
  inviteToProject: z.object({ email, role: projectRole }),
  withdraw: z.object({ invitationId: id }),
};

export const keyInputs = {
  create: z.object({
    name,
    role: projectRole,
    /** Days from now; null: it does not expire. */
    expiresInDays: z.int().min(1).max(3_650).nullable(),
  }),
  revoke: z.object({ keyId: id }),
};

export const projectInputs = {
  create: z.object({ name }),
  rename: z.object({ name }),
  move: z.object({ organizationId: id }),
};

export const organizationInputs = {
  create: z.object({
    name,
    /** The name of its first project. */
    project: name.optional(),
  }),
  rename: z.object({ name }),
};

export const auditInputs = {
  list: z
    .object({
      /** Id of a user or a key, or the kind of any other actor. */
      actor: z.string().max(100).optional(),
      action: z.array(z.enum(auditActions)).min(1).optional(),
      /** Id of what it was done to. */
      target: z.string().max(100).optional(),
      outcome: z.enum(auditOutcomes).optional(),
      /** At this time or later. */
      since: time.optional(),
      /** Before this time. */
      until: time.optional(),
      cursor,
      limit,
    })
    .prefault({}),
};
