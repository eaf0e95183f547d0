import { z } from 'zod';
import { id, nameOf } from './inputs.ts';

/** Undefined: of all branches. */
const branch = nameOf(300).optional();

export const badgeInputs = {
  list: z.union([z.object({ testId: id }), z.object({ jobId: id }), z.object({ suiteId: id })]),
  create: z.union([
    z.object({ testId: id, branch }),
    z.object({ jobId: id, branch }),
    z.object({ suiteId: id, branch }),
  ]),
  revoke: z.object({ badgeId: id }),
};
