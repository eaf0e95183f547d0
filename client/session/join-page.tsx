import { useQuery } from '@tanstack/react-query';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { requestJson, type Invitation, type SignInWays } from './sign-in.ts';
import { SignInForm, emailField, nameField, newPasswordField, passwordField } from './sign-in-form.tsx';
import { SignedOutPage } from './signed-out-page.tsx';
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
  if (query.isPending)
    return (
      <SignedOutPage title="Invitation">
        <Skeleton label="Loading" rows={2} />
      </SignedOutPage>
    );
  if (query.isError)
    return (
      <SignedOutPage title="Invitation">
        <ErrorState title="This invitation cannot be used" cause={query.error.message} />
      </SignedOutPage>
    );
  const { email, role, organization, project, invitedBy, hasAccount, provider } = query.data;
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
