import { z } from 'zod';
import { id } from './inputs.ts';

const yearDays = 365;

export const shareLinkInputs = {
  list: z.object({ runId: id }),
  create: z.object({
    runId: id,
    expiresInDays: z.int().min(1, 'must be at least a day').max(yearDays, 'must be at most a year').default(7),
  }),
  revoke: z.object({ linkId: id }),
};
