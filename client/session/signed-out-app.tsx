import { JoinPage } from './join-page.tsx';
import { ResetPage } from './reset-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

/** The page before the app that is at this address. */
export function SignedOutApp() {
  const [, kind, secret = ''] = /^\/(join|reset)\/(.+)$/.exec(location.pathname) ?? [];
  if (kind === 'join') return <JoinPage secret={secret} />;
  return kind === 'reset' ? <ResetPage secret={secret} /> : <SignInPage />;
}
