import { useQuery } from '@tanstack/react-query';
import { requestJson, type Invitation, type SignInWays } from './sign-in.ts';
import { SignInForm, emailField, nameField, newPasswordField, passwordField } from './sign-in-form.tsx';
import { LoadedSignedOutPage, SignedOutPage } from './signed-out-page.tsx';
import { ProviderSignIn } from './provider-sign-in.tsx';
import { roleText } from './role-text.ts';

/** The page that an invitation link opens. */
export function JoinPage({ secret }: { secret: string }) {
  const query = useQuery({
    queryKey: ['invitation', secret],
    queryFn: async () => {
      const [invitation, ways] = await Promise.all([
        requestJson<Invitation>(`/api/invitations/${secret}`),
        requestJson<SignInWays>('/api/sign-in'),
      ]);
      return { ...invitation, provider: ways.kind === 'accounts' ? ways.provider : undefined };
    },
    retry: false,
  });
  return (
    <LoadedSignedOutPage title="Invitation" problem="This invitation cannot be used" query={query}>
      {(invitation) => <JoinForm secret={secret} invitation={invitation} />}
    </LoadedSignedOutPage>
  );
}

function JoinForm({
  secret,
  invitation: { email, role, organization, project, invitedBy, hasAccount, provider },
}: {
  secret: string;
  invitation: Invitation & { provider: string | undefined };
}) {
  const given = { ...emailField, value: email };
  return (
    <SignedOutPage title={`Join ${project ?? organization}`}>
      <p className="mt-1.5 text-sm text-muted">
        {invitedBy} invites you as {roleText[role].withArticle}: {roleText[role].may}.{' '}
        {project === null
          ? `The invitation is for all projects of ${organization}.`
          : `The invitation is for this project of ${organization} only.`}
      </p>
      {provider !== undefined && <ProviderSignIn provider={provider} invitation={secret} />}
      {hasAccount ? (
        <SignInForm
          fields={[given, passwordField]}
          action="Sign in and join"
          onSubmit={async (values) => {
            await requestJson('/api/auth/sign-in/email', values);
            await requestJson(`/api/invitations/${secret}/accept`, {});
            location.replace('/');
          }}
        />
      ) : (
        <SignInForm
          fields={[nameField, given, newPasswordField]}
          action="Create account"
          onSubmit={async (values) => {
            await requestJson('/api/auth/sign-up/email', { ...values, invitation: secret });
            location.replace('/');
          }}
        />
      )}
    </SignedOutPage>
  );
}
