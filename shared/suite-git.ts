import { z } from 'zod';
import { gitBranch } from './git-branch.ts';
import { id, name } from './inputs.ts';
import { folder } from './suites.ts';
import { variableName } from './variable-inputs.ts';

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** The address of a repository. A token crosses no network without TLS, and stands in no address. */
const repository = z
  .string()
  .trim()
  .max(2_000, 'must have at most 2,000 characters')
  .superRefine((text, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (!URL.canParse(text)) return refuse('must be an address such as https://git.example.com/shop/e2e.git');
    const { protocol, hostname, username, password, search, hash } = new URL(text);
    if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
      refuse('must begin with https://, or with http:// for a server on the worker itself (localhost)');
    else if (username || password)
      refuse('must not contain a user or a token: name a secret variable that has the token');
    else if (search || hash) refuse('must be the address of a repository, without a query or a fragment');
  })
  .transform((text) => (URL.canParse(text) ? new URL(text).href : text));

/** Where a suite is in git. */
export const suiteGit = z.object({
  url: repository,
  branch: gitBranch,
  /** Folder of the suite in the repository; empty: its root. */
  path: z
    .string()
    .trim()
    .transform((path) => path.replaceAll(/^(\.?\/)+|\/+$/g, ''))
    .pipe(folder)
    .default(''),
  /** The secret variable of the project that has the token; null: the repository is public. */
  tokenVariable: variableName.nullable().default(null),
});
export type SuiteGit = z.infer<typeof suiteGit>;

export const suiteGitInputs = {
  create: z.object({ name, git: suiteGit }),
  /** Null: the suite is only pushed. */
  set: z.object({ suiteId: id, git: suiteGit.nullable() }),
};

/** For people, such as `https://git.example.com/shop.git (main, e2e, token in GIT_TOKEN)`. */
export function gitText({ url, branch, path, tokenVariable }: SuiteGit): string {
  const parts = [branch, path, tokenVariable !== null && `token in ${tokenVariable}`].filter(Boolean);
  return `${url} (${parts.join(', ')})`;
}
