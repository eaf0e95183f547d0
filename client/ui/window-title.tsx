import { createContext, use } from 'react';

/** What the frame puts before every page's title, such as `2 running`; empty when there is nothing to say. */
export const TitlePrefix = createContext('');

/** The title of the window: what goes on, the page's name, the app's. A page renders one. */
export function WindowTitle({ title }: { title: string }) {
  const prefix = use(TitlePrefix);
  return <title>{[prefix, title, 'Runlight'].filter(Boolean).join(' · ')}</title>;
}
