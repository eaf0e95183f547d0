import { z } from 'zod';
import { oneLine } from './one-line.ts';

/** What a run is run of, as far as the caller knows. */
export const commitInput = z.object({
  branch: oneLine(300),
  sha: oneLine(64),
  /** Its first line is kept. */
  message: oneLine(300),
  author: oneLine(200),
  /** Its address, or its number as `#12`. */
  pullRequest: oneLine(2_000),
});
export type CommitInput = z.infer<typeof commitInput>;
