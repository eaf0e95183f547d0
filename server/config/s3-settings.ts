/** A bucket of an S3-compatible service. The AWS SDK finds the credentials. */
export interface S3Settings {
  bucket: string;
  /** Of a service other than AWS. */
  endpoint: string | undefined;
  /** Default: the SDK's own. */
  region: string | undefined;
  /** Of all keys: empty, or a path that ends with a slash. */
  prefix: string;
  /** The bucket is in the path of an address, and not in its host name. */
  pathStyle: boolean;
  /** How long an address is valid to which readers of a file are redirected; 0: the API sends all files itself. */
  signedUrlSeconds: number;
}
