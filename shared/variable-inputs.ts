import { z } from 'zod';
import { withoutNul } from './inputs.ts';

/** Variables per project. */
export const maxVariables = 100;

/** Names that have a meaning for Runlight, Node or Playwright in the processes of tests. */
const reserved =
  /^(PATH|HOME|TMPDIR|PWD|LANG|TZ|FORCE_COLOR|(NODE|LD|PLAYWRIGHT|PW|RUNLIGHT)_.*|PW[A-Z]+_.*|TEST_(WORKER|PARALLEL)_INDEX)$/;

/** The name of a variable of a project. */
export const variableName = z
  .string()
  .trim()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'must be a name such as API_TOKEN: letters, digits and _, at most 100')
  .refine((name) => !reserved.test(name), 'is reserved for the system that runs the tests: choose another name');

export const variableInputs = {
  set: z.object({
    name: variableName,
    value: withoutNul(z.string().min(1, 'must not be empty').max(32_768, 'must have at most 32,768 characters')),
    /** Default: true. Secret values are hidden in what tests print, and never shown. */
    isSecret: z.boolean().optional(),
  }),
  remove: z.object({ name: z.string().max(200) }),
};
