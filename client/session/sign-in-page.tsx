import { useQuery } from '@tanstack/react-query';
import { requestJson, returnAddress, type SignInWays } from './sign-in.ts';
import { SignInForm, emailField, nameField, newPasswordField, passwordField } from './sign-in-form.tsx';
import { LoadedSignedOutPage, SignedOutPage } from './signed-out-page.tsx';
import { ProviderSignIn } from './provider-sign-in.tsx';

export function SignInPage() {
  const ways = useQuery({
    queryKey: ['sign-in'],
    queryFn: () => requestJson<SignInWays>('/api/sign-in'),
    retry: false,
  });
  return (
    <LoadedSignedOutPage title="Sign in" problem="The server did not answer" query={ways} canRetry>
      {(ways) => {
        if (ways.kind === 'token') return <TokenForm />;
        return ways.isNew ? <FirstSignUp ways={ways} /> : <PasswordSignIn ways={ways} />;
      }}
    </LoadedSignedOutPage>
  );
}

const enter = () => location.replace(returnAddress(location.search));

/** Signs in with the access token of a Runlight without accounts. */
function TokenForm() {
  return (
    <SignedOutPage title="This Runlight is locked">
      <div className="mt-1.5 space-y-2 text-sm text-muted">
        <p>
          <strong className="font-medium text-ink">Somebody sent you a link?</strong> Ask them for the access token and
          enter it here. The link then opens.
        </p>
        <p>
          <strong className="font-medium text-ink">You run this Runlight?</strong> Open the address that it printed when
          it started, or enter the token from the file <code>access-token</code> in its data folder. To give colleagues
          accounts of their own instead of the token, set <code>BASE_URL</code> and <code>AUTH_SECRET</code>.
        </p>
      </div>
      <SignInForm
        fields={[{ name: 'token', label: 'Access token', type: 'password', autoComplete: 'current-password' }]}
        action="Unlock"
        onSubmit={async (values) => {
          await requestJson('/api/sign-in', values);
          enter();
        }}
      />
    </SignedOutPage>
  );
}

interface Ways {
  ways: { provider?: string };
}

function PasswordSignIn({ ways: { provider } }: Ways) {
  return (
    <SignedOutPage title="Sign in">
      {provider !== undefined && <ProviderSignIn provider={provider} />}
      <SignInForm
        fields={[emailField, passwordField]}
        action="Sign in"
        onSubmit={async (values) => {
          await requestJson('/api/auth/sign-in/email', values);
          enter();
        }}
      >
        <p className="text-sm text-muted">No account yet, or forgot your password? Ask an owner for a link.</p>
      </SignInForm>
    </SignedOutPage>
  );
}

function FirstSignUp({ ways: { provider } }: Ways) {
  return (
    <SignedOutPage title="Create the first account">
      <p className="mt-1.5 text-sm text-muted">
        This account owns this Runlight: it invites others and sets their roles.
      </p>
      {provider !== undefined && <ProviderSignIn provider={provider} />}
      <SignInForm
        fields={[nameField, emailField, newPasswordField]}
        action="Create account"
        onSubmit={async (values) => {
          await requestJson('/api/auth/sign-up/email', values);
          enter();
        }}
      />
    </SignedOutPage>
  );
}
