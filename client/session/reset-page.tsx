import { useQuery } from '@tanstack/react-query';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { ask } from './sign-in.ts';
import { EntranceForm, emailField, newPasswordField } from './sign-in-form.tsx';
import { EntranceFrame } from './sign-in-frame.tsx';

/** Where a link leads by which one sets a new password. */
export function ResetPage({ secret }: { secret: string }) {
  const query = useQuery({
    queryKey: ['password-reset', secret],
    queryFn: () => ask<{ email: string }>(`/api/password-resets/${secret}`),
    retry: false,
  });
  return (
    <EntranceFrame title="Set a new password">
      {query.isPending ? (
        <Skeleton label="Loading" rows={2} />
      ) : query.isError ? (
        <ErrorState title="This link cannot be used" cause={query.error.message} />
      ) : (
        <EntranceForm
          fields={[{ ...emailField, value: query.data.email }, newPasswordField]}
          action="Set password"
          onSubmit={async ({ password }) => {
            await ask(`/api/password-resets/${secret}`, { password });
            await ask('/api/auth/sign-in/email', { email: query.data.email, password });
            location.replace('/');
          }}
        />
      )}
    </EntranceFrame>
  );
}
