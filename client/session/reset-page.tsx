import { useQuery } from '@tanstack/react-query';
import { requestJson } from './sign-in.ts';
import { SignInForm, emailField, newPasswordField } from './sign-in-form.tsx';
import { LoadedSignedOutPage, SignedOutPage } from './signed-out-page.tsx';

const title = 'Set a new password';

/** The page that a password reset link opens. */
export function ResetPage({ secret }: { secret: string }) {
  const query = useQuery({
    queryKey: ['password-reset', secret],
    queryFn: () => requestJson<{ email: string }>(`/api/password-resets/${secret}`),
    retry: false,
  });
  return (
    <LoadedSignedOutPage title={title} problem="This link cannot be used" query={query}>
      {({ email }) => (
        <SignedOutPage title={title}>
          <SignInForm
            fields={[{ ...emailField, value: email }, newPasswordField]}
            action="Set password"
            onSubmit={async ({ password }) => {
              await requestJson(`/api/password-resets/${secret}`, { password });
              await requestJson('/api/auth/sign-in/email', { email, password });
              location.replace('/');
            }}
          />
        </SignedOutPage>
      )}
    </LoadedSignedOutPage>
  );
}
