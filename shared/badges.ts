/** Where the picture of a status badge is, after the address of Runlight. */
export const badgePath = (token: string) => `/badge/${token}.svg`;
