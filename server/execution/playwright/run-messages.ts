import { z } from 'zod';
import { runEventBody, testError } from '#shared/events.ts';
import { listedCase } from '#shared/run-cases.ts';
import { snapshotOfArtifact } from '#shared/snapshots.ts';

const position = z.int().nonnegative();
const place = { position, caseIndex: position, attempt: position };

/**
 * Messages of the process that runs Playwright: those of `reporter/`, and those of `main-script.ts` itself. They are checked,
 * since scripts decide much of their content.
 */
export const runMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event: runEventBody }),
  z.object({ kind: z.literal('candidates'), cases: z.array(listedCase) }),
  z.object({ kind: z.literal('choose') }),
  z.object({ kind: z.literal('listed'), cases: z.array(listedCase) }),
  z.object({ kind: z.literal('begin'), leftOut: z.array(position) }),
  z.object({
    kind: z.literal('attachment'),
    ...place,
    name: z.string(),
    path: z.string(),
    contentType: z.string(),
  }),
  z.object({ kind: z.literal('folder'), ...place, path: z.string() }),
  z.object({ kind: z.literal('fault'), position: position.nullable(), loading: z.boolean(), error: testError }),
  z.object({
    kind: z.literal('crash'),
    position: position.nullable(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),
  z.object({ kind: z.literal('no-browser'), position }),
  z.object({ kind: z.literal('refusal'), position, code: z.string(), syscall: z.string() }),
  z.object({ kind: z.literal('flood') }),
  z.object({ kind: z.literal('crowd') }),
  /** A video is asked for, and the worker has no ffmpeg. */
  z.object({ kind: z.literal('no-video') }),
  /** A file of the output belongs to the comparison with a baseline. `file` is relative to the output folder. */
  z.object({ kind: z.literal('snapshot'), file: z.string(), ...snapshotOfArtifact.shape }),
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
