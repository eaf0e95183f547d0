import path from 'node:path';
import { pino } from 'pino';
import { copyStore, type CopyProgress } from '#server/artifacts/copy-store.ts';
import { openArtifactStore } from '#server/artifacts/open-artifact-store.ts';
import { readEnv, s3Settings } from '#server/config/env.ts';
import { errorMessage } from '#server/lib/errors.ts';

/** Between lines that say how far it is, in ms. */
const sayEveryMs = 2_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);

/** For operators: `npm run copy-artifacts -- local s3`, or `s3 local`. Exit code 1 if something is left to be copied. */
async function main(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error('it was interrupted')));
  const { direction, dir, s3 } = readSettings(args);
  try {
    const logger = pino({ level: 'silent' });
    using bucket = await openArtifactStore({ dir, s3 }, logger);
    using folder = await openArtifactStore({ dir, s3: undefined }, logger);
    const [from, to] = direction === 'local s3' ? [folder, bucket] : [bucket, folder];
    say(
      `Copying ${direction === 'local s3' ? `${dir} to the bucket ${s3.bucket}` : `the bucket ${s3.bucket} to ${dir}`}`,
    );
    let saidAt = Date.now();
    const done = await copyStore(from, to, {
      signal: stop.signal,
      onFailure: (file, error) => complain(`${file} was not copied: ${errorMessage(error)}`),
      onProgress(progress) {
        if (Date.now() - saidAt < sayEveryMs) return;
        saidAt = Date.now();
        say(inWords(progress));
      },
    });
    say(`Done. ${inWords(done)}`);
    if (done.failed === 0) return;
    complain(`${done.failed} files are not there. Run it again to try them again.`);
    process.exitCode = 1;
  } catch (error) {
    complain(`Not all files were copied: ${errorMessage(error)}. Run it again: it goes on where it stopped.`);
    process.exitCode = 1;
  }
}

/** Throws, with a sentence, if they are not enough. */
function readSettings(args: readonly string[]) {
  const direction = args.join(' ');
  if (direction !== 'local s3' && direction !== 's3 local')
    throw new Error('Say from where to where: npm run copy-artifacts -- local s3, or s3 local.');
  const env = readEnv();
  const s3 = s3Settings(env);
  if (!s3) throw new Error('Set ARTIFACTS_S3_BUCKET: there is no bucket to copy to or from.');
  return { direction, s3, dir: path.join(env.DATA_DIR, 'artifacts') };
}

function inWords({ folders, copied, bytes, present }: CopyProgress): string {
  const number = (value: number) => value.toLocaleString('en');
  return `${number(folders)} folders; ${number(copied)} files copied (${number(Math.round(bytes / 1e6))} MB), ${number(present)} were there.`;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  complain(errorMessage(error));
  process.exitCode = 1;
});
