import type { S3Settings } from '#server/config/s3-settings.ts';
import type { Logger } from '#server/lib/logger.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { createLocalArtifactStore } from './local-store.ts';

export interface ArtifactSettings {
  /** The local folder. */
  dir: string;
  /** The bucket to use instead. */
  s3: S3Settings | undefined;
}

/** The store of the settings. Throws, with a sentence for operators, if it cannot be used. */
export async function openArtifactStore({ dir, s3 }: ArtifactSettings, logger: Logger): Promise<ArtifactStore> {
  if (s3) {
    // The SDK is large: without a bucket, nothing of it is loaded.
    const { openS3ArtifactStore } = await import('./s3-store.ts');
    return openS3ArtifactStore(s3, { logger });
  }
  const store = createLocalArtifactStore({ dir });
  await store.ping();
  return store;
}
