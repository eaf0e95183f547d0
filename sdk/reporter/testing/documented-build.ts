export const sha = '0123456789abcdef0123456789abcdef01234567';
export const head = 'fedcba9876543210fedcba9876543210fedcba98';

export interface DocumentedBuild {
  /** `file` writes a file, and answers where it is. */
  env(file: (name: string, text: string) => Promise<string>): Promise<Record<string, string>>;
  /** What is made of it. */
  is: object;
}
