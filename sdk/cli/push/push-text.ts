import { formatBytes } from '#client/ui/format.ts';
import { cleanLine, toJsonLine } from '#shared/clean-text.ts';
import type { PreparedSuite } from './prepare-suite.ts';
import type { PushedSuite } from './push-suite.ts';

const filesText = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'file' : 'files'}`;

export function addressOfSuite(url: string, suiteId: string): string {
  return `${url}/suites/${suiteId}`;
}

/** `Pushed the suite "shop": 214 files, 3.1 MB (0.4 MB sent) · main · 1a2b3c4`. */
export function pushedText(suite: PreparedSuite, pushed: PushedSuite): string {
  const { sentBytes, branch, commitSha, isDirty } = pushed;
  const sent = sentBytes === 0 ? 'nothing to send' : `${formatBytes(sentBytes)} sent`;
  const source = [branch, commitSha?.slice(0, 7), isDirty && 'with changes that are not committed'];
  return [
    `Pushed the suite "${cleanLine(suite.name)}": ${filesText(suite.files.length)}, ${formatBytes(suite.bytes)} (${sent})`,
    ...source.filter((part) => typeof part === 'string').map(cleanLine),
  ].join(' · ');
}

export function pushedLine(suite: PreparedSuite, { sentBytes, ...pushed }: PushedSuite, url: string): string {
  const { name, hash, files, bytes } = suite;
  const address = addressOfSuite(url, pushed.suiteId);
  return toJsonLine({
    type: 'push',
    suite: name,
    ...pushed,
    hash,
    files: files.length,
    bytes,
    sentBytes,
    url: address,
  });
}

/** What would be sent, and what not; `isWhole` names each file. */
export function listText(suite: PreparedSuite, { isWhole }: { isWhole: boolean }): string {
  const { name, files, bytes, root, dir, config, packageManager, lockFile, playwright, leftOut, hash } = suite;
  const links = (linkTo: string | undefined) => (linkTo === undefined ? '' : ` -> ${cleanLine(linkTo)}`);
  return [
    `The suite "${cleanLine(name)}": ${filesText(files.length)}, ${formatBytes(bytes)} from ${cleanLine(root)}`,
    `Config ${cleanLine(dir === '' ? config : `${dir}/${config}`)}, ${packageManager} by ${lockFile}, ` +
      (playwright === null ? 'no Playwright installed here' : `Playwright ${playwright}`),
    `SHA-256 ${hash}`,
    ...(isWhole ? ['', ...files.map(({ path, linkTo }) => `  ${cleanLine(path)}${links(linkTo)}`)] : []),
    ...(leftOut.length > 0 ? ['', 'Left out:'] : []),
    ...leftOut.map(({ path, why }) => `  ${cleanLine(path)}  (${why})`),
    '',
  ].join('\n');
}

export function listLine(suite: PreparedSuite): string {
  const { name, files, bytes, root, dir, config, packageManager, lockFile, playwright, leftOut, hash } = suite;
  const paths = files.map(({ path }) => path);
  const where = { root, dir, config, packageManager, lockFile, playwright };
  return toJsonLine({ type: 'list', suite: name, ...where, hash, bytes, files: paths, leftOut });
}
