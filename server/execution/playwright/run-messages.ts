import { z } from 'zod';
import { runEventBody, testError } from '#shared/events.ts';

const position = z.int().nonnegative();

/**
 * Messages of the process that runs Playwright: those of `reporter/`, and those of `main-script.ts` itself. They are checked,
 * since scripts decide much of their content.
 */
export const runMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event: runEventBody }),
  z.object({ kind: z.literal('begin'), cases: z.array(z.int()), leftOut: z.array(z.int()) }),
  z.object({
    kind: z.literal('attachment'),
    position,
    name: z.string(),
    path: z.string(),
    contentType: z.string(),
  }),
  z.object({ kind: z.literal('fault'), position: position.nullable(), loading: z.boolean(), error: testError }),
  z.object({ kind: z.literal('crash'), position, how: z.string() }),
  z.object({ kind: z.literal('flood') }),
  /** A script has sent a message in Playwright's name. */
  z.object({ kind: z.literal('forged') }),
  /** The process that loads scripts has ended while it loaded `file`. */
  z.object({
    kind: z.literal('loader-exit'),
    file: z.string().nullish(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),
  /** The last message, with Playwright's status of the run. */
  z.object({ kind: z.literal('end'), status: z.string() }),
]);
export type RunMessage = z.infer<typeof runMessage>;
export type MessageOf<Kind extends RunMessage['kind']> = Extract<RunMessage, { kind: Kind }>;
