import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { RetryStrategyV2, RetryToken } from '@smithy/types';
import type { S3Settings } from '#server/config/s3-settings.ts';

/** Times in ms. */
export interface S3Patience {
  /** How long an upload is tried again. */
  uploadsMs: number;
  /** How long all else is tried again. */
  othersMs: number;
  /** A connection on which nothing moves for this long is cut. */
  stalledMs: number;
}

export const defaultPatience: S3Patience = { uploadsMs: 60_000, othersMs: 2_000, stalledMs: 20_000 };

const connectMs = 5_000;
const delayMs = { least: 200, most: 5_000 };

/** A client for what fails soon, and one that outlasts an outage of the service: a file of a run is not made again. */
export function createS3Clients(settings: S3Settings, patience: S3Patience): { quick: S3Client; patient: S3Client } {
  const { endpoint } = settings;
  const config: S3ClientConfig = {
    forcePathStyle: settings.pathStyle,
    // Services other than AWS do not all know the newer checksums.
    ...(endpoint && { endpoint, requestChecksumCalculation: 'WHEN_REQUIRED', region: 'us-east-1' }),
    ...(settings.region && { region: settings.region }),
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: patience.stalledMs,
      httpAgent: { maxSockets: 500 },
      httpsAgent: { maxSockets: 500 },
    },
  };
  const patient = new S3Client({ ...config, retryStrategy: retryFor(patience.uploadsMs) });
  const quick = new S3Client({
    ...config,
    credentials: patient.config.credentials,
    retryStrategy: retryFor(patience.othersMs),
  });
  if (endpoint) for (const client of [quick, patient]) sendMd5(client);
  return { quick, patient };
}

/** Some services want the older checksum where AWS asks for one. */
function sendMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { headers, body } = args.request as { headers: Record<string, string>; body?: string | Uint8Array };
        if (commandName === 'DeleteObjectsCommand' && body) {
          for (const name of Object.keys(headers)) if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
          headers['content-md5'] = createHash('md5').update(body).digest('base64');
        }
        return next(args);
      },
    { step: 'build', priority: 'low' },
  );
}

interface TimedToken extends RetryToken {
  beganAt: number;
}

/** Tries again for so many ms. The SDK's own strategies give up sooner when many requests fail at once. */
function retryFor(ms: number): RetryStrategyV2 {
  const token = (beganAt: number, count: number, pauseMs: number): TimedToken => ({
    beganAt,
    getRetryCount: () => count,
    getRetryDelay: () => pauseMs,
  });
  return {
    acquireInitialRetryToken: async () => token(Date.now(), 0, 0),
    async refreshRetryTokenForRetry(last, { errorType }) {
      const { beganAt } = last as TimedToken;
      const failingForMs = Date.now() - beganAt;
      const isTransient = errorType === 'TRANSIENT' || errorType === 'THROTTLING';
      if (!isTransient || failingForMs > ms) throw new Error('no further attempt');
      const atMost = Math.min(delayMs.most, Math.max(delayMs.least, failingForMs));
      return token(beganAt, last.getRetryCount() + 1, Math.random() * atMost);
    },
    recordSuccess() {},
  };
}
