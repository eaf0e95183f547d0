import { JoinPage } from './join-page.tsx';
import { ResetPage } from './reset-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

/** The page of this address for users who are not signed in. */
export function SignedOutApp() {
  const [, kind, secret = ''] = /^\/(join|reset)\/(.+)$/.exec(location.pathname) ?? [];
  if (kind === 'join') return <JoinPage secret={secret} />;
  return kind === 'reset' ? <ResetPage secret={secret} /> : <SignInPage />;
}
