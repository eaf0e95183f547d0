import { expect, test } from 'vitest';
import { oidcSettings, openServers, readEnv, sandboxMode } from './env.ts';

const secret = 'x'.repeat(32);

test('a HOST that others can reach needs accounts, and the message names the settings', () => {
  for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'runlight.internal'])
    expect(() => readEnv({ HOST }), HOST).toThrow(/HOST=.*set BASE_URL .* and AUTH_SECRET/);
  for (const HOST of ['127.0.0.1', 'localhost', '::1', '127.1.2.3']) expect(readEnv({ HOST }).HOST).toBe(HOST);
  expect(readEnv({ HOST: '0.0.0.0', ROLES: 'worker' }).HOST).toBe('0.0.0.0');
  expect(readEnv({ HOST: '0.0.0.0', BASE_URL: 'https://runlight.example', AUTH_SECRET: secret }).HOST).toBe('0.0.0.0');
});

test('accounts need an address and a long secret, and no message shows the secret', () => {
  expect(() => readEnv({ BASE_URL: 'https://runlight.example' })).toThrow(/AUTH_SECRET: must be set, too/);
  expect(() => readEnv({ AUTH_SECRET: secret })).toThrow(/BASE_URL: must be set, too/);
  const message = () => readEnv({ BASE_URL: 'https://runlight.example', AUTH_SECRET: 'short-secret' });
  expect(message).toThrow(/AUTH_SECRET: must have at least 32 characters/);
  expect(message).not.toThrow(/short-secret/);
});

test('an OIDC provider needs accounts, all of its settings, and https', () => {
  const accounts = { BASE_URL: 'https://runlight.example', AUTH_SECRET: secret };
  const oidc = { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'runlight', OIDC_CLIENT_SECRET: 'hidden' };
  expect(oidcSettings(readEnv(accounts))).toBeUndefined();
  expect(oidcSettings(readEnv({ ...accounts, ...oidc, OIDC_NAME: 'Acme' }))).toMatchObject({
    issuer: 'https://id.example',
    name: 'Acme',
    trustsEmail: false,
  });
  expect(() => readEnv(oidc)).toThrow(/OIDC_ISSUER.*needs accounts: set BASE_URL/);
  expect(() => readEnv({ ...accounts, OIDC_ISSUER: oidc.OIDC_ISSUER })).toThrow(
    /OIDC_CLIENT_ID=: must be set, too: OIDC_ISSUER is\n.*OIDC_CLIENT_SECRET: must be set, too/,
  );
  expect(() => readEnv({ ...accounts, ...oidc, OIDC_ISSUER: 'http://id.example' })).toThrow(/OIDC_ISSUER.*https/);
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(readEnv({ ...accounts, ...oidc, OIDC_ISSUER: `http://${host}:4000` }).OIDC_ISSUER).toContain(host);
});

test('with accounts, the sandbox is required by default', () => {
  expect(sandboxMode(readEnv({}))).toBe('auto');
  const accounts = { BASE_URL: 'https://runlight.example', AUTH_SECRET: secret };
  expect(sandboxMode(readEnv(accounts))).toBe('required');
  expect(sandboxMode(readEnv({ ...accounts, SANDBOX: 'auto' }))).toBe('auto');
});

test('servers without a password are named, without secrets', () => {
  const open = (source: NodeJS.ProcessEnv) => openServers(readEnv(source));
  expect(open({})).toEqual([]);
  expect(open({ REDIS_URL: 'redis://127.0.0.1', DATABASE_URL: 'postgres://me@db.internal/x' })).toEqual([
    'Redis at 127.0.0.1:6379',
    'PostgreSQL at db.internal:5432',
  ]);
  expect(open({ REDIS_HOST: 'redis.internal', REDIS_PORT: '7' })).toEqual(['Redis at redis.internal:7']);
  expect(open({ REDIS_URL: 'redis://:secret@127.0.0.1', DATABASE_URL: 'postgres://me:secret@localhost/x' })).toEqual(
    [],
  );
  expect(
    open({ REDIS_HOST: 'x', REDIS_PASSWORD: 'secret', DATABASE_URL: 'postgres://me@x/y', PGPASSWORD: 'z' }),
  ).toEqual([]);
  // Sockets are files, which a sandbox does not show.
  expect(open({ DATABASE_URL: 'postgres://me@localhost/x?host=%2Frun%2Fpostgresql' })).toEqual([]);
});

test('a part of a setting that cannot be used stops the start, and the message names it', () => {
  const faultOf = (source: NodeJS.ProcessEnv) => {
    try {
      readEnv({ AUTH_SECRET: secret, BASE_URL: 'https://runlight.example', ...source });
      return 'none';
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const url of ['http://localhost:21512', 'https://runlight.example/', 'http://[::1]:3000'])
    expect(faultOf({ BASE_URL: url, PUBLIC_URL: url }), url).toBe('none');
  for (const [url, part] of [
    ['http://localhost:21512/runlight', 'the path /runlight'],
    ['https://runlight.example/?a=1', 'the query ?a=1'],
    ['https://runlight.example/#x', 'the fragment #x'],
    ['https://ada@runlight.example', 'the user'],
    ['https://runlight.example/a/?b', 'the path /a/ and the query ?b'],
  ] as const)
    for (const name of ['BASE_URL', 'PUBLIC_URL'])
      expect(faultOf({ [name]: url }), url).toContain(`${name}: must be scheme, host and port alone; ${part}`);
  for (const url of ['redis://x', 'redis://x/', 'redis://x:1/2', 'rediss://:y@x'])
    expect(faultOf({ REDIS_URL: url })).toBe('none');
  expect(faultOf({ REDIS_URL: 'redis://x/first' })).toMatch(/REDIS_URL: must end with the number of a database/);
  expect(faultOf({ REDIS_URL: 'redis://x?tls=1' })).toMatch(/REDIS_URL: has a query/);
  expect(faultOf({ REDIS_URL: 'redis://x', REDIS_PASSWORD: 'hidden' })).toMatch(/REDIS_PASSWORD: is part of REDIS_URL/);
  expect(faultOf({ REDIS_URL: 'redis://x', REDIS_HOST: 'y' })).toMatch(/REDIS_HOST.*: is part of REDIS_URL/);
  expect(faultOf({ HOST: '0.0.0.0:3000' })).toMatch(/HOST.*PORT has the port/);
  expect(faultOf({ HOST: '::' })).toBe('none');
  expect(faultOf({ OIDC_ISSUER: 'https://id.example?x', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' })).toMatch(
    /OIDC_ISSUER.*neither a query nor a fragment/,
  );
});

test('several API processes need a database of their own, and the role', () => {
  const DATABASE_URL = 'postgres://me@localhost/x';
  expect(readEnv({}).API_PROCESSES).toBe(1);
  expect(readEnv({ API_PROCESSES: '4', DATABASE_URL }).API_PROCESSES).toBe(4);
  expect(() => readEnv({ API_PROCESSES: '4' })).toThrow(
    'API_PROCESSES=4: needs DATABASE_URL: several processes cannot share the included PostgreSQL',
  );
  expect(() => readEnv({ API_PROCESSES: '4', DATABASE_URL, ROLES: 'worker' })).toThrow(/is of no use without the role/);
  expect(() => readEnv({ API_PROCESSES: '0' })).toThrow(/API_PROCESSES=0/);
});

test('browsers to install are named as Playwright does, and need a network', () => {
  expect(readEnv({}).INSTALL_BROWSERS).toEqual([]);
  expect(readEnv({ INSTALL_BROWSERS: 'firefox, webkit' }).INSTALL_BROWSERS).toEqual(['firefox', 'webkit']);
  expect(() => readEnv({ INSTALL_BROWSERS: 'on' })).toThrow(/INSTALL_BROWSERS=on: must be names of chromium, firefox/);
  expect(() => readEnv({ INSTALL_BROWSERS: 'webkit', SANDBOX_NETWORK: 'none' })).toThrow(/needs SANDBOX_NETWORK=host/);
});
