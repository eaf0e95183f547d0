import { flush, type Host } from './process/host.ts';
import { runProgram } from './program.ts';

const { argv, env, stdin, stdout, stderr } = globalThis.process;
const host: Host = { argv: argv.slice(2), env, stdin, stdout, stderr };

// The reader of the pipe, or the terminal, has gone: end without a message.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    globalThis.process.exit(130);
  });
const exitCode = await runProgram(host);
await flush(host);
globalThis.process.exit(exitCode);
