import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { executeScripts } from '#server/testing/execute-scripts.ts';
import { demoTests } from './demo-tests.ts';

it('the sample job contains the samples that pass; one other sample fails', async () => {
  const { tests, job } = demoTests({ browserAvailable: true });
  const server = http.createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 404, { 'content-type': 'application/json' });
    response.end('{"status":"ok"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scripts = Object.fromEntries(tests.map(({ name, script }) => [name, script]));
    await using run = await executeScripts(scripts, { env: { RUNLIGHT_URL: url } });
    expect(
      tests.filter((_test, position) => run.outcome.tests[position]?.status === 'passed').map(({ name }) => name),
    ).toEqual(job.testNames);
    expect(run.outcome).toMatchObject({
      status: 'failed',
      errorDetails: expect.stringContaining('Error: the greeting'),
    });
    expect(run.output).toBe('1 × Desk lamp\n4 × Light bulb\ntotal: 49.50\n');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('without a browser there is no sample that needs one', () => {
  const { tests, job } = demoTests({ browserAvailable: false });
  expect(tests.some(({ script }) => script.includes('{ page }'))).toBe(false);
  expect(job.testNames.every((name) => tests.some((test) => test.name === name))).toBe(true);
});
