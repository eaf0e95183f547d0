import type { FilePlace } from './artifact-store.ts';

/** Where a file of a run is served, relative to the origin. */
export function addressOf(runId: string, path: string): string {
  return `/artifacts/${runId}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The file that `addressOf` has named. */
export function placeOf(runId: string, address: string): FilePlace {
  const path = address.slice(`/artifacts/${runId}/`.length).split('/').map(decodeURIComponent).join('/');
  return { folder: runId, path };
}
