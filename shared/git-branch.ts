import { z } from 'zod';

/** The name of a branch, as git allows it. */
export const gitBranch = z
  .string()
  .trim()
  .min(1, 'must be the name of a branch, such as main')
  .max(300, 'must have at most 300 characters')
  .refine(
    // oxlint-disable-next-line no-control-regex
    (name) => !/^[-/.]|[\0- \x7f~^:?*[\\]|\.\.|@\{|\/\/|[/.]$|\.lock$/.test(name),
    'must be the name of a branch, such as main or release/2: git allows no other',
  );
