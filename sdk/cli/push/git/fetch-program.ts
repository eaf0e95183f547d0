import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { type FetchOrder, fetchSuite } from './fetch-suite.ts';

/**
 * `fetch.cjs` of a folder of the sandbox: fetches the suite that `fetch.json` names, packs it into `output/bundle.tar.gz`, and says as
 * JSON on descriptor 3 what it is (`FetchedSuite`), or why it cannot be had. The token is in the environment.
 */
async function main(): Promise<unknown> {
  const dir = path.dirname(path.resolve(process.argv[1]!));
  const order = JSON.parse(readFileSync(path.join(dir, 'fetch.json'), 'utf8')) as FetchOrder;
  const { env } = process;
  const token = env['RUNLIGHT_GIT_TOKEN'] ?? null;
  // Git alone gets it, and only where it talks to the server.
  delete env['RUNLIGHT_GIT_TOKEN'];
  const home = path.join(dir, 'home');
  return fetchSuite(
    {
      ...order,
      token,
      env: { ...env, ...certificates(env['NODE_EXTRA_CA_CERTS'], path.join(home, 'certificates.pem')) },
    },
    {
      workDir: home,
      archive: path.join(dir, 'output/bundle.tar.gz'),
      known: order.known,
      onProgress: (line) => console.log(line),
    },
  );
}

/** Git knows certificates beside those of the system only in place of them. */
function certificates(more: string | undefined, file: string): Record<string, string> {
  if (!more) return {};
  writeFileSync(file, [...rootCertificates, readFileSync(more, 'utf8')].join('\n'));
  return { GIT_SSL_CAINFO: file };
}

main().then(
  (said) => void writeSync(3, JSON.stringify(said)),
  (error: Error) => {
    writeSync(3, JSON.stringify({ error: error.message }));
    process.exitCode = 1;
  },
);
