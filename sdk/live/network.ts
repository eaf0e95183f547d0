export type NetworkChange = 'online' | 'offline' | 'visible' | 'hidden';

/** Reports changes of the machine's network and of the page's visibility. */
export interface Network {
  isOnline(): boolean;
  /** `visible`: the user looks at the page again; `hidden`: no longer. Returns a function that ends the subscription. */
  listen(listener: (change: NetworkChange) => void): () => void;
}

/** The browser's network and page; in Node, always online and never visible. */
export const browserNetwork: Network = {
  isOnline: () => globalThis.navigator?.onLine !== false,
  listen(listener) {
    if (globalThis.window === undefined) return () => {};
    const abort = new AbortController();
    const { signal } = abort;
    window.addEventListener('online', () => listener('online'), { signal });
    window.addEventListener('offline', () => listener('offline'), { signal });
    const reportVisibility = () => listener(document.hidden ? 'hidden' : 'visible');
    document.addEventListener('visibilitychange', reportVisibility, { signal });
    if (document.hidden) reportVisibility();
    return () => abort.abort();
  },
};
