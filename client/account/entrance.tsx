import type { ReactNode } from 'react';
import { JoinPage } from './join-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

/** The page at this address that stands before the app, where nobody has been let in yet; undefined inside of the app. */
export function findEntrance(pathname: string): ReactNode {
  if (pathname === '/sign-in') return <SignInPage />;
  const secret = /^\/join\/([\w-]+)$/.exec(pathname)?.[1];
  return secret && <JoinPage secret={secret} />;
}
