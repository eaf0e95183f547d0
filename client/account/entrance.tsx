import { JoinPage } from './join-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

/** The page before the app that is at this address. */
export function Entrance() {
  const secret = /^\/join\/(.+)$/.exec(location.pathname)?.[1];
  return secret === undefined ? <SignInPage /> : <JoinPage secret={secret} />;
}
