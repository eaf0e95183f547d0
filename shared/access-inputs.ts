import { z } from 'zod';
import { auditActions, auditOutcomes } from './audit.ts';
import { cursor, id, limit, name, time } from './inputs.ts';
import { keyRoles, projectRoles } from './project-role.ts';
import { testSettings } from './test-settings-schema.ts';

const email = z.email('must be an e-mail address').max(200).toLowerCase();
const projectRole = z.enum(projectRoles);
const userId = z.string().min(1).max(100);

export const accountInputs = {
  revokeSession: z.object({ sessionId: z.string().min(1).max(100) }),
};

export const memberInputs = {
  setRole: z.object({
    userId,
    /** Role in all projects of the organisation; null: only roles in single projects apply. */
    role: projectRole.nullable(),
  }),
  setProjectRole: z.object({ userId, role: projectRole }),
  remove: z.object({
    userId,
    /** Also revokes the API keys that the member created, in all projects of the organisation. */
    revokeKeys: z.boolean().default(false),
  }),
  leave: z.object({ organizationId: id }),
  removeFromProject: z.object({
    userId,
    /** Also revokes the API keys that the member created in the project. */
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
    role: z.enum(keyRoles),
    /** Days from now; null: the key does not expire. */
    expiresInDays: z.int().min(1).max(3_650).nullable(),
  }),
  revoke: z.object({ keyId: id }),
};

export const projectInputs = {
  create: z.object({ name }),
  rename: z.object({ name }),
  move: z.object({ organizationId: id }),
  /** Replaces all defaults of the project. */
  updateSettings: z.object({ settings: testSettings }),
};

export const organizationInputs = {
  create: z.object({
    name,
    /** Name of the first project. */
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
      /** Id of the target. */
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
