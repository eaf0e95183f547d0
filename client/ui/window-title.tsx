import { createContext, use } from 'react';

/** A prefix of every page's title, such as `2 running`. May be empty. */
export const TitlePrefix = createContext('');

/** The title of the window: prefix, page, app. Every page renders one. */
export function WindowTitle({ title }: { title: string }) {
  const prefix = use(TitlePrefix);
  return <title>{[prefix, title, 'Runlight'].filter(Boolean).join(' · ')}</title>;
}
