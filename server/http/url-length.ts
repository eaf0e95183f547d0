/** More characters than any address of ours has, and than most proxies let through. */
export const maxUrlLength = 16 * 1024;
