/** Where a share link leads, after the address of Runlight. */
export const sharePath = (secret: string) => `/shared/${secret}`;

/** Names the run that a guest sees, beside the cookie `shareCookie`; streams name it in `connectionParams` as `share`. */
export const shareHeader = 'x-runlight-share';

/** Holds the secret of a share link of a run. */
export const shareCookie = (runId: string) => `runlight-share-${runId}`;
