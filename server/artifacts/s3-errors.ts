import type { S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Settings } from '#server/config/s3-settings.ts';
import { AppError, errorMessage } from '#server/lib/errors.ts';

/** As services say that a bucket or the service takes no more. */
const fullCodes = ['QuotaExceeded', 'XMinioStorageFull', 'StorageFull', 'InsufficientStorage', 'EntityTooLarge'];

type SdkError = Partial<S3ServiceException> & { code?: string };

export const statusOf = (error: unknown): number => (error as SdkError).$metadata?.httpStatusCode ?? 0;

/** There is no such file; a bucket that is not there is another matter. */
export function isNoFile(error: unknown): boolean {
  return statusOf(error) === 404 && (error as SdkError).name !== 'NoSuchBucket';
}

/** What is wrong and what to do, in a sentence for operators. */
export function explainS3Error(error: unknown, { bucket, endpoint }: S3Settings): string {
  const { name = '', code } = error as SdkError;
  const status = statusOf(error);
  const where = endpoint ?? 'AWS';
  if (name === 'CredentialsProviderError')
    return `There are no credentials for the bucket "${bucket}": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.`;
  if (name === 'NoSuchBucket' || (status === 404 && name === 'NotFound'))
    return `The bucket "${bucket}" does not exist at ${where}: check ARTIFACTS_S3_BUCKET, or create it.`;
  if (status === 301 || name === 'AuthorizationHeaderMalformed' || name === 'PermanentRedirect')
    return `The bucket "${bucket}" is in another region: check ARTIFACTS_S3_REGION.`;
  if (status === 401 || status === 403)
    return `${where} refuses access to the bucket "${bucket}" (${name}): check the credentials, and that they may list, read, write and delete there.`;
  if (isFull(error)) return `The bucket "${bucket}" is full (${name}): free some space there, or lower RETENTION_DAYS.`;
  if (status === 0)
    return `The bucket "${bucket}" cannot be reached at ${where}: ${code ?? errorMessage(error)}. Check ARTIFACTS_S3_ENDPOINT and that the service runs.`;
  return `${where} cannot use the bucket "${bucket}": ${name} (${status}).`;
}

function isFull(error: unknown): boolean {
  return statusOf(error) === 507 || fullCodes.includes((error as SdkError).name ?? '');
}

/** What callers of the store get: ENOSPC for a bucket that is full, else SERVICE_UNAVAILABLE. Other errors stay as they are. */
export function toStoreError(error: unknown, settings: S3Settings): unknown {
  const { $metadata, code, name } = error as SdkError;
  const isOfService = $metadata !== undefined || name === 'CredentialsProviderError' || name === 'TimeoutError';
  const isOfNetwork = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code ?? '');
  if (error instanceof AppError || !(isOfService || isOfNetwork)) return error;
  const message = explainS3Error(error, settings);
  if (isFull(error)) return Object.assign(new Error(message, { cause: error }), { code: 'ENOSPC' });
  return new AppError('SERVICE_UNAVAILABLE', 'The artifact store cannot be used at the moment; try again soon.', {
    cause: Object.assign(new Error(message), { cause: error }),
  });
}
