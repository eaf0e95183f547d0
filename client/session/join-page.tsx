import { useQuery } from '@tanstack/react-query';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { ask, type Invitation, type SignInWays } from './sign-in.ts';
import { EntranceForm, emailField, nameField, newPasswordField, passwordField } from './sign-in-form.tsx';
import { EntranceFrame } from './sign-in-frame.tsx';
import { ProviderEntrance } from './provider-sign-in.tsx';
import { roleWords } from '#client/members/role-words.ts';

/** Where the link of an invitation leads. */
export function JoinPage({ secret }: { secret: string }) {
  const query = useQuery({
    queryKey: ['invitation', secret],
    queryFn: async () => {
      const [invitation, ways] = await Promise.all([
        ask<Invitation>(`/api/invitations/${secret}`),
        ask<SignInWays>('/api/sign-in'),
      ]);
      return { ...invitation, provider: ways.kind === 'accounts' ? ways.provider : undefined };
    },
    retry: false,
  });
  if (query.isPending)
    return (
      <EntranceFrame title="Invitation">
        <Skeleton label="Loading" rows={2} />
      </EntranceFrame>
    );
  if (query.isError)
    return (
      <EntranceFrame title="Invitation">
        <ErrorState title="This invitation cannot be used" cause={query.error.message} />
      </EntranceFrame>
    );
  const { email, role, organization, project, invitedBy, hasAccount, provider } = query.data;
  const given = { ...emailField, value: email };
  return (
    <EntranceFrame title={`Join ${project ?? organization}`}>
      <p className="mt-1.5 text-sm text-muted">
        {invitedBy} invites you as {roleWords[role].withArticle}, who {roleWords[role].may}.{' '}
        {project === null
          ? `The invitation is for all projects of ${organization}.`
          : `The invitation is for this project of ${organization} and no other.`}
      </p>
      {provider !== undefined && <ProviderEntrance provider={provider} invitation={secret} />}
      {hasAccount ? (
        <EntranceForm
          fields={[given, passwordField]}
          action="Sign in and join"
          onSubmit={async (values) => {
            await ask('/api/auth/sign-in/email', values);
            await ask(`/api/invitations/${secret}/accept`, {});
            location.replace('/');
          }}
        />
      ) : (
        <EntranceForm
          fields={[nameField, given, newPasswordField]}
          action="Create account"
          onSubmit={async (values) => {
            await ask('/api/auth/sign-up/email', { ...values, invitation: secret });
            location.replace('/');
          }}
        />
      )}
    </EntranceFrame>
  );
}
