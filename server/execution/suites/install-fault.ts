import type { UnpackedSuite } from './suite-bundle.ts';

/** UTF-16 units. */
const longestShown = 2_000;

export interface FailedInstall {
  /** The command, as people read it. */
  title: string;
  lockFile: string;
  exit: string | number;
  /** What it printed last. */
  output: string;
  suite: Pick<UnpackedSuite, 'variables'>;
  /** Names of the project's variables. */
  variables: readonly string[];
  hasNetwork: boolean;
}

/** Why an install failed, by what the package manager printed last, and what to do. */
export function installFault(failed: FailedInstall): string {
  const { title, exit, output } = failed;
  // npm's hints on its usage and its log do not help here.
  const shown = output
    .replace(/^npm error Clean install a project$[^]*/m, '')
    .replaceAll(/^npm (error|ERR!) *(A complete log of this run.*)?$\n?/gm, '')
    .trim();
  const how = typeof exit === 'number' ? `exit code ${exit}` : exit;
  return [`${title} failed (${how}).`, adviceOf(failed), shown.slice(-longestShown)].filter(Boolean).join('\n');
}

/** Output of npm, pnpm, Yarn 1 and later versions of Yarn. */
const signs = {
  outdated: /npm ci` can only install|ERR_PNPM_(OUTDATED_)?LOCKFILE|lockfile needs to be updated|YN0028/,
  refused: /\bE40[13]\b|ERR_PNPM_FETCH_40[13]|\b40[13] (Unauthorized|Forbidden)|status code 40[13]|YN0041/,
  missing: /\bE404\b|ERR_PNPM_FETCH_404|\b404 Not Found|YN0035/,
  scoped: /@[\w.-]+(\/|%2f)[\w.-]+/i,
  unreachable: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT/,
  certificate: /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|self-signed certificate/,
  unfit: /ERESOLVE|EBADENGINE|ERR_PNPM_UNSUPPORTED_ENGINE|is incompatible with this module/,
};

function adviceOf({ output, lockFile, suite, variables, hasNetwork }: FailedInstall): string | undefined {
  const has = (sign: keyof typeof signs) => signs[sign].test(output);
  if (has('outdated'))
    return `The lock file does not fit package.json: install on your machine, commit ${lockFile}, and push again.`;
  // Registries answer 404 where a token is missing, too.
  if (has('refused') || (has('missing') && has('scoped'))) return adviceOfRefusal(suite.variables, variables);
  if (has('certificate'))
    return 'The certificate of the registry is not trusted: set NODE_EXTRA_CA_CERTS of the worker to a file that has its authority.';
  if (has('unreachable'))
    return hasNetwork
      ? 'The registry cannot be reached from this worker.'
      : 'Runs of this worker have no network (SANDBOX_NETWORK=none), so it cannot fetch packages: run the suite on a worker that can.';
  if (has('unfit')) return `The packages do not fit together, or not Node ${process.version}, which this worker has.`;
  return undefined;
}

function adviceOfRefusal(referred: readonly string[], variables: readonly string[]): string {
  const names = [...new Set(referred)];
  const missing = names.filter((name) => !variables.includes(name));
  if (missing.length > 0)
    return `The registry refuses a package, and ${missing.join(' and ')}, to which .npmrc or .yarnrc.yml refers, is no variable of the project: add it as a secret variable.`;
  if (names.length > 0)
    return `The registry refuses a package: check the token in ${names.join(' and ')}, a variable of the project.`;
  return 'The registry refuses a package. For a private registry, refer to a token in the .npmrc of the suite (//registry.example.com/:_authToken=${NPM_TOKEN}), and add NPM_TOKEN as a secret variable of the project.';
}
