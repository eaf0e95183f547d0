import path from 'node:path';

const registryVariables = [
  'NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'NPM_CONFIG_REGISTRY',
  'YARN_NPM_REGISTRY_SERVER',
  'COREPACK_NPM_REGISTRY',
  'COREPACK_INTEGRITY_KEYS',
  'PLAYWRIGHT_DOWNLOAD_HOST',
  'PLAYWRIGHT_CHROMIUM_DOWNLOAD_HOST',
  'PLAYWRIGHT_FIREFOX_DOWNLOAD_HOST',
  'PLAYWRIGHT_WEBKIT_DOWNLOAD_HOST',
];

/** How this machine reaches registries of packages and browsers: what installs of suites take from the worker's environment. */
export function installEnvironment(source: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = registryVariables.flatMap((name) => [name, name.toLowerCase()]);
  return Object.fromEntries(names.flatMap((name) => (source[name] ? [[name, source[name]] as const] : [])));
}

/** Where installs of suites look for pnpm and Yarn, besides this Node. */
export function toolsPath(source: NodeJS.ProcessEnv = process.env): string {
  return [source['PATH'] ?? '', path.dirname(process.execPath)].filter(Boolean).join(path.delimiter);
}
