import path from 'node:path';
import { z } from 'zod';
import { browserList } from './browser-names.ts';
import { databaseFields } from './database-settings.ts';
import { amount, days, flag, mb, ms, origin, port } from './env-fields.ts';
import { notificationFields } from './notification-settings.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { S3Settings } from './s3-settings.ts';
import { checkRedis, describeRedis, redisFields, redisSettings } from './redis-settings.ts';
import { roles, type Role } from './roles.ts';
import { telemetryFields } from './telemetry-settings.ts';
import { defaultLimits, type RunLimits } from './run-limits.ts';

const accountsHint =
  'set BASE_URL to the address that people use, and AUTH_SECRET to 32 or more random characters (openssl rand -base64 32)';

/** Timeout of each request to the OIDC provider, in ms. */
const oidcTimeoutMs = 10_000;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const schema = z
  .object({
    HOST: z
      .string()
      .regex(/^([\w.-]+|[\da-f:.]*:[\da-f:.]*:[\da-f:.]*)$/i, 'must be a host name or an IP address; PORT has the port')
      .default('127.0.0.1'),
    PORT: port.default(3000),
    API_PROCESSES: z.coerce
      .number('must be a number of processes')
      .int('must be a whole number')
      .min(1)
      .max(64)
      .default(1),
    ROLES: z
      .string()
      .default('api,worker')
      .transform((text) => text.split(',').map((role) => role.trim()))
      .pipe(z.array(z.enum(roles, `must be ${roles.join(', ')} or both, separated by a comma`)).min(1))
      .transform((list): ReadonlySet<Role> => new Set(list)),
    DATA_DIR: z
      .string()
      .default('.runlight')
      .transform((dir) => path.resolve(dir)),
    ARTIFACTS_S3_BUCKET: z.string().optional(),
    ARTIFACTS_S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }).optional(),
    ARTIFACTS_S3_REGION: z.string().optional(),
    ARTIFACTS_S3_PREFIX: z
      .string()
      .regex(/^[\w!.*'()/-]{0,200}$/, "must have letters, digits and !-_.*'() only, with / between folders")
      .default(''),
    ARTIFACTS_S3_PATH_STYLE: flag.optional(),
    ARTIFACTS_S3_SIGNED_SECONDS: z.coerce
      .number('must be a number of seconds')
      .int('must be a whole number')
      .min(0)
      .max(3_600)
      .default(0),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
    ...databaseFields,
    /** The driver of PostgreSQL reads it itself. */
    PGPASSWORD: z.string().optional(),
    ...redisFields,
    SSE_PING_INTERVAL: ms(30_000, 100),
    SSE_FALLBACK_INTERVAL: ms(30_000, 100),
    SSE_CONNECTION_TIMEOUT: ms(300_000, 1_000),
    SHUTDOWN_TIMEOUT: ms(25_000, 0),
    RUNNING_CAPACITY: amount(5),
    QUEUED_CAPACITY: amount(50),
    WORKER_CONCURRENCY: amount(5),
    REPORT_PARTS_TIMEOUT_MS: ms(30 * 60_000, 1_000),
    RETENTION_DAYS: days(30),
    AUDIT_RETENTION_DAYS: days(365),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    DEMO: flag.optional(),
    SANDBOX: z.enum(['auto', 'required', 'off']).optional(),
    SANDBOX_NETWORK: z.enum(['host', 'none']).default('host'),
    RUN_MAX_MEMORY_MB: mb(defaultLimits.memoryBytes / 1e6),
    RUN_MAX_HEAP_MB: mb(defaultLimits.heapMb),
    RUN_MAX_PROCESSES: amount(defaultLimits.processes),
    RUN_MAX_CPU_SECONDS: z.coerce
      .number('must be a number of seconds')
      .int()
      .min(1)
      .max(1_000_000)
      .default(defaultLimits.cpuSeconds),
    RUN_MAX_DISK_MB: mb(defaultLimits.diskBytes / 1e6),
    RUN_MAX_FILE_MB: mb(defaultLimits.fileBytes / 1e6),
    RUN_MAX_OPEN_FILES: z.coerce
      .number('must be a whole number')
      .int()
      .min(64)
      .max(1_000_000)
      .default(defaultLimits.openFiles),
    RUN_MAX_OUTPUT_MB: mb(defaultLimits.outputBytes / 1e6),
    RUN_MAX_ARTIFACTS_MB: mb(defaultLimits.artifactBytes / 1e6),
    RUN_MAX_CASES: amount(defaultLimits.cases),
    RUN_MAX_STEPS: amount(defaultLimits.shownSteps),
    BASE_URL: origin.optional(),
    AUTH_SECRET: z.string().min(32, 'must have at least 32 characters: openssl rand -base64 32').optional(),
    OIDC_ISSUER: z.url({ protocol: /^https?$/, error: 'must be an https:// address' }).optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    OIDC_NAME: z.string().max(60, 'must have at most 60 characters').default('single sign-on'),
    OIDC_TRUST_EMAIL: flag.default(false),
    TRUST_PROXY: z.coerce.number('must be the number of proxies in front').int().min(0).max(10).default(0),
    STREAMS_PER_USER: amount(100),
    STREAMS_PER_ADDRESS: amount(500),
    REQUESTS_PER_KEY: amount(600),
    PUBLIC_URL: origin.optional(),
    BROWSER_PATH: z.string().optional(),
    /** Default: in DATA_DIR. */
    BROWSERS_DIR: z
      .string()
      .transform((dir) => path.resolve(dir))
      .optional(),
    INSTALL_BROWSERS: browserList,
    SUITE_CACHE_MB: mb(4_096),
    RECORD_VIDEO: flag.default(false),
    ...notificationFields,
    ...telemetryFields,
  })
  .superRefine((env, issues) => {
    for (const path of ['ARTIFACTS_S3_ENDPOINT', 'ARTIFACTS_S3_REGION'] as const)
      if (env[path] !== undefined && env.ARTIFACTS_S3_BUCKET === undefined)
        issues.addIssue({ code: 'custom', path: [path], message: 'is of no use without ARTIFACTS_S3_BUCKET' });
    if (env.SSE_PING_INTERVAL >= env.SSE_CONNECTION_TIMEOUT)
      issues.addIssue({ code: 'custom', path: ['SSE_PING_INTERVAL'], message: 'must be below SSE_CONNECTION_TIMEOUT' });
    for (const [path, other] of [
      ['BASE_URL', 'AUTH_SECRET'],
      ['AUTH_SECRET', 'BASE_URL'],
    ] as const)
      if (env[path] === undefined && env[other] !== undefined)
        issues.addIssue({ code: 'custom', path: [path], message: `must be set, too: ${accountsHint}` });
    if (env.API_PROCESSES > 1 && !env.ROLES.has('api'))
      issues.addIssue({ code: 'custom', path: ['API_PROCESSES'], message: 'is of no use without the role api' });
    if (env.API_PROCESSES > 1 && env.DATABASE_URL === undefined)
      issues.addIssue({
        code: 'custom',
        path: ['API_PROCESSES'],
        message: 'needs DATABASE_URL: several processes cannot share the included PostgreSQL',
      });
    checkRedis(env, (path, message) => issues.addIssue({ code: 'custom', path: [path], message }));
    for (const [path, other] of [
      ['SMTP_FROM', 'SMTP_URL'],
      ['SMTP_URL', 'SMTP_FROM'],
    ] as const)
      if (env[path] === undefined && env[other] !== undefined)
        issues.addIssue({ code: 'custom', path: [path], message: `must be set, too: ${other} is` });
    if (env.INSTALL_BROWSERS.length > 0 && env.SANDBOX_NETWORK === 'none')
      issues.addIssue({ code: 'custom', path: ['INSTALL_BROWSERS'], message: 'needs SANDBOX_NETWORK=host' });
    const oidc = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;
    const given = oidc.filter((path) => env[path] !== undefined);
    for (const path of given.length > 0 ? oidc : [])
      if (env[path] === undefined)
        issues.addIssue({ code: 'custom', path: [path], message: `must be set, too: ${given.join(' and ')} is` });
    if (given.length > 0 && env.BASE_URL === undefined)
      issues.addIssue({ code: 'custom', path: [given[0]!], message: `needs accounts: ${accountsHint}` });
    if (env.OIDC_ISSUER?.startsWith('http:') && !isLoopback(new URL(env.OIDC_ISSUER).hostname.replace(/^\[|\]$/g, '')))
      issues.addIssue({
        code: 'custom',
        path: ['OIDC_ISSUER'],
        message: 'must be an https:// address, since passwords and names go there',
      });
    if (env.OIDC_ISSUER && /[?#]/.test(env.OIDC_ISSUER))
      issues.addIssue({ code: 'custom', path: ['OIDC_ISSUER'], message: 'must have neither a query nor a fragment' });
    if (env.ROLES.has('api') && env.BASE_URL === undefined && !isLoopback(env.HOST))
      issues.addIssue({
        code: 'custom',
        path: ['HOST'],
        message: `others can reach this address, so there must be accounts: ${accountsHint}. Or leave it at 127.0.0.1`,
      });
  });

export type Env = z.infer<typeof schema>;

/** Reads the settings. An empty variable counts as not set. Throws one error that lists every fault, one per line. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const secret = /PASSWORD|URL|SECRET/.test(name);
    return `  ${name}${secret ? '' : `=${given[name] ?? ''}`}: ${issue.message}`;
  });
  throw new Error(`The environment has faults:\n${faults.join('\n')}`);
}

/** Servers on the network without a password, described for a warning. */
export function openServers(env: Env): string[] {
  const redis = redisSettings(env);
  const database = env.DATABASE_URL === undefined ? undefined : new URL(env.DATABASE_URL);
  // A path names a socket, which sandboxes hide.
  const host = database && decodeURIComponent(database.searchParams.get('host') ?? database.hostname);
  const hasPassword = Boolean(database?.password || database?.searchParams.get('password') || env.PGPASSWORD);
  return [
    ...(redis && !redis.password ? [`Redis at ${describeRedis(redis)}`] : []),
    ...(host && !host.startsWith('/') && !hasPassword ? [`PostgreSQL at ${host}:${database.port || 5432}`] : []),
  ];
}

/** The OIDC provider of the environment, if there is one. */
export function oidcSettings(env: Env, timeoutMs = oidcTimeoutMs): OidcSettings | undefined {
  if (env.OIDC_ISSUER === undefined) return undefined;
  return {
    issuer: env.OIDC_ISSUER,
    clientId: env.OIDC_CLIENT_ID!,
    clientSecret: env.OIDC_CLIENT_SECRET!,
    name: env.OIDC_NAME,
    trustsEmail: env.OIDC_TRUST_EMAIL,
    timeoutMs,
  };
}

/** The bucket of the environment, if there is one. */
export function s3Settings(env: Env): S3Settings | undefined {
  if (env.ARTIFACTS_S3_BUCKET === undefined) return undefined;
  const folders = env.ARTIFACTS_S3_PREFIX.split('/').filter((name) => name !== '');
  return {
    bucket: env.ARTIFACTS_S3_BUCKET,
    endpoint: env.ARTIFACTS_S3_ENDPOINT,
    region: env.ARTIFACTS_S3_REGION,
    prefix: folders.map((name) => `${name}/`).join(''),
    // Services other than AWS seldom have a host name for each bucket.
    pathStyle: env.ARTIFACTS_S3_PATH_STYLE ?? env.ARTIFACTS_S3_ENDPOINT !== undefined,
    signedUrlSeconds: env.ARTIFACTS_S3_SIGNED_SECONDS,
  };
}

/** By default, tests need a sandbox where there are accounts: users do not trust each other fully. */
export function sandboxMode({ SANDBOX, BASE_URL }: Env): 'auto' | 'required' | 'off' {
  return SANDBOX ?? (BASE_URL === undefined ? 'auto' : 'required');
}

/** Limits of each run. */
export function runLimits(env: Env): Partial<RunLimits> {
  return {
    memoryBytes: env.RUN_MAX_MEMORY_MB * 1e6,
    heapMb: env.RUN_MAX_HEAP_MB,
    processes: env.RUN_MAX_PROCESSES,
    cpuSeconds: env.RUN_MAX_CPU_SECONDS,
    diskBytes: env.RUN_MAX_DISK_MB * 1e6,
    fileBytes: env.RUN_MAX_FILE_MB * 1e6,
    openFiles: env.RUN_MAX_OPEN_FILES,
    outputBytes: env.RUN_MAX_OUTPUT_MB * 1e6,
    artifactBytes: env.RUN_MAX_ARTIFACTS_MB * 1e6,
    cases: env.RUN_MAX_CASES,
    shownSteps: env.RUN_MAX_STEPS,
  };
}
