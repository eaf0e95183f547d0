/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Of Runlight; see vite.config.ts. */
  readonly VITE_RUNLIGHT_VERSION: string;
}

/** The API of the installed Playwright; see scripts/playwright-api.ts. */
declare module 'virtual:playwright-api' {
  interface ApiMember {
    name: string;
    /** For example `(url, options?)`. Null: not a method. */
    params: string | null;
    /** The type of the member or of its promise: a key of this module's value. */
    type: string | null;
    info: string;
  }
  const api: Record<string, ApiMember[]>;
  export default api;
}

/** Type declarations that scripts can use, by path; see scripts/script-types.ts. */
declare module 'virtual:script-types' {
  const files: Record<string, string>;
  export default files;
}
