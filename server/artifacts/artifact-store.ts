import type { Readable } from 'node:stream';

/** Where a file is: in the folder of a run, or in one that has a name of its own. */
export interface FilePlace {
  folder: string;
  /** Relative, with forward slashes. */
  path: string;
}

/** A file that was received and is not there yet. Disposing discards it unless it was kept. */
export interface ReceivedFile extends AsyncDisposable {
  bytes: number;
  /**
   * Puts the file in its place, instead of one that is there. Rejects with ENOTDIR, EEXIST or EISDIR if the store has folders,
   * and one is in the way.
   */
  keep(): Promise<void>;
}

/** What of a file is asked for: headers of HTTP. Without them, all of it. */
export interface AskedFile {
  method?: 'GET' | 'HEAD';
  headers?: Readonly<Record<string, string | string[] | undefined>>;
}

/** An answer of HTTP: `content` is empty for HEAD, and for a status other than 200 and 206. */
export interface ReadFile {
  status: number;
  headers: Record<string, string>;
  content: Readable | undefined;
}

export interface ListedFile {
  path: string;
  bytes: number;
  modifiedAt: Date;
}

/** A file of this machine with the content of a stored one. Disposing removes it if it is a copy. */
export interface FileOnDisk extends AsyncDisposable {
  file: string;
}

/**
 * Stores the files of runs, and in folders of their own what else is to be kept as files. Paths that lead out of their folder name
 * no file. Rejects with what the file system says, such as ENOSPC, or SERVICE_UNAVAILABLE if a bucket does not answer.
 */
export interface ArtifactStore extends Disposable {
  readonly kind: 'local' | 's3';
  /** The origin to which `signedUrl` leads; undefined if no address is ever signed. */
  readonly signedOrigin: string | undefined;
  /**
   * Stores the regular files of a folder, under their relative paths, instead of what the run has: all of them, or none if it
   * rejects. May move them. Links, which a hostile script may have made, and names that the store cannot have are left out.
   */
  put(runId: string, sourceDir: string): Promise<void>;
  /** Stores a stream while it arrives. Rejects, with nothing left behind, if the stream breaks or there is no room. */
  receive(place: FilePlace, content: Readable, signal: AbortSignal): Promise<ReceivedFile>;
  /** Size of a stored file; undefined if there is none. */
  size(place: FilePlace): Promise<number | undefined>;
  /** Undefined if there is no such file. The caller reads or destroys `content`. */
  read(place: FilePlace, asked?: AskedFile): Promise<ReadFile | undefined>;
  /** Undefined if there is no such file. */
  onDisk(place: FilePlace): Promise<FileOnDisk | undefined>;
  /** A URL that opens one file for a short time; undefined if the store signs none. */
  signedUrl(place: FilePlace): Promise<string | undefined>;
  /** Where the file is in its bucket, for programs that may read there; null in a local folder. */
  address(place: FilePlace): string | null;
  /** Names of all folders. */
  folders(): AsyncIterable<string>;
  files(folder: string): AsyncIterable<ListedFile>;
  /** Removes all files of a run. Idempotent. */
  delete(runId: string): Promise<void>;
  /** Idempotent. */
  deleteFile(place: FilePlace): Promise<void>;
  /** Removes what is not complete, if it is older: a process was killed meanwhile. */
  removeLeftovers(olderThanMs: number): Promise<void>;
  /** Rejects with the reason if nothing can be stored at the moment. */
  ping(): Promise<void>;
}

/** Throws for a name that is not the id of a run or a plain word. */
export function checkFolder(folder: string): string {
  if (!/^[\w-]+$/.test(folder)) throw new Error(`not the id of a run: ${JSON.stringify(folder)}`);
  return folder;
}

/** Whether it is the plain relative path of a file, which stays in its folder. */
export function isPlainPath(path: string): boolean {
  return !path.includes('\0') && path.split(/[\\/]/).every((name) => !['', '.', '..'].includes(name));
}
