/// <reference types="vite/client" />

/** What the installed Playwright can do; see scripts/playwright-api.ts. */
declare module 'virtual:playwright-api' {
  interface ApiMember {
    name: string;
    /** Such as `(url, options?)`; null: not a method. */
    params: string | null;
    /** The interface, a key of this module's value, of what it is or promises. */
    type: string | null;
    info: string;
  }
  const api: Record<string, ApiMember[]>;
  export default api;
}
