import { useQuery } from '@tanstack/react-query';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { ask, returnAddress, type SignInWays } from './sign-in.ts';
import { EntranceForm, emailField, nameField, newPasswordField, passwordField } from './sign-in-form.tsx';
import { EntranceFrame } from './sign-in-frame.tsx';
import { ProviderEntrance } from './provider-sign-in.tsx';

export function SignInPage() {
  const ways = useQuery({ queryKey: ['sign-in'], queryFn: () => ask<SignInWays>('/api/sign-in'), retry: false });
  if (ways.isPending)
    return (
      <EntranceFrame title="Sign in">
        <Skeleton label="Loading" rows={2} />
      </EntranceFrame>
    );
  if (ways.isError)
    return (
      <EntranceFrame title="Sign in">
        <ErrorState title="No answer" cause={ways.error.message} onRetry={() => void ways.refetch()} />
      </EntranceFrame>
    );
  if (ways.data.kind === 'token') return <TokenForm />;
  return ways.data.isNew ? <FirstSignUp ways={ways.data} /> : <SignInForm ways={ways.data} />;
}

const enter = () => location.replace(returnAddress(location.search));

/** For a Runlight without accounts. */
function TokenForm() {
  return (
    <EntranceFrame title="This Runlight is locked">
      <p className="mt-1.5 text-sm text-muted">
        Open the address that it printed when it started, or enter the token from the file <code>access-token</code> in
        its data folder.
      </p>
      <EntranceForm
        fields={[{ name: 'token', label: 'Access token', type: 'password', autoComplete: 'current-password' }]}
        action="Unlock"
        onSubmit={async (values) => {
          await ask('/api/sign-in', values);
          enter();
        }}
      />
    </EntranceFrame>
  );
}

interface Ways {
  ways: { provider?: string };
}

function SignInForm({ ways: { provider } }: Ways) {
  return (
    <EntranceFrame title="Sign in">
      {provider !== undefined && <ProviderEntrance provider={provider} />}
      <EntranceForm
        fields={[emailField, passwordField]}
        action="Sign in"
        onSubmit={async (values) => {
          await ask('/api/auth/sign-in/email', values);
          enter();
        }}
      >
        <p className="text-sm text-muted">New here, or no password any more? Ask an owner for a link.</p>
      </EntranceForm>
    </EntranceFrame>
  );
}

function FirstSignUp({ ways: { provider } }: Ways) {
  return (
    <EntranceFrame title="Create the first account">
      <p className="mt-1.5 text-sm text-muted">It owns this Runlight: it invites others, and says what they may do.</p>
      {provider !== undefined && <ProviderEntrance provider={provider} />}
      <EntranceForm
        fields={[nameField, emailField, newPasswordField]}
        action="Create account"
        onSubmit={async (values) => {
          await ask('/api/auth/sign-up/email', values);
          enter();
        }}
      />
    </EntranceFrame>
  );
}
