/** As many characters of a commit's hash as people write. */
export const shortSha = (sha: string) => sha.slice(0, 7);
