// The server, restarted at changes, and Vite's server for the client, which passes requests on. Ctrl-C ends both.
import { spawn } from 'node:child_process';

const children = [
  spawn('npx', ['tsx', 'watch', '--conditions=runlight-source', 'server/main.ts'], {
    stdio: 'inherit',
    // Whoever changes the code does not wait for what the old code runs.
    env: { SHUTDOWN_TIMEOUT: '0', ...process.env },
  }),
  spawn('npx', ['vite'], { stdio: 'inherit' }),
];
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
for (const child of children)
  child.on('exit', (code) => {
    process.exitCode ||= code ?? 0;
    for (const other of children) other.kill('SIGTERM');
  });
