import { useQuery } from '@tanstack/react-query';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { requestJson } from './sign-in.ts';
import { SignInForm, emailField, newPasswordField } from './sign-in-form.tsx';
import { SignedOutPage } from './signed-out-page.tsx';

/** The page that a password reset link opens. */
export function ResetPage({ secret }: { secret: string }) {
  const query = useQuery({
    queryKey: ['password-reset', secret],
    queryFn: () => requestJson<{ email: string }>(`/api/password-resets/${secret}`),
    retry: false,
  });
  return (
    <SignedOutPage title="Set a new password">
      {query.isPending ? (
        <Skeleton label="Loading" rows={2} />
      ) : query.isError ? (
        <ErrorState title="This link cannot be used" cause={query.error.message} />
      ) : (
        <SignInForm
          fields={[{ ...emailField, value: query.data.email }, newPasswordField]}
          action="Set password"
          onSubmit={async ({ password }) => {
            await requestJson(`/api/password-resets/${secret}`, { password });
            await requestJson('/api/auth/sign-in/email', { email: query.data.email, password });
            location.replace('/');
          }}
        />
      )}
    </SignedOutPage>
  );
}
