import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { Field } from '#client/ui/field.tsx';
import { Alert } from '#client/ui/states.tsx';
import { ask, returnAddress } from './doors.ts';
import { EntranceFrame } from './entrance-frame.tsx';

export function SignInPage() {
  return <TokenForm />;
}

const enter = () => location.replace(returnAddress(location.search));

/** For a Runlight without accounts. */
function TokenForm() {
  const [token, setToken] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask('/api/sign-in', { token }),
    networkMode: 'always',
    onSuccess: enter,
  });
  return (
    <EntranceFrame title="This Runlight is locked">
      <p className="mt-1.5 text-sm text-muted">
        Open the address that it printed when it started, or enter the token from the file <code>access-token</code> in
        its data folder.
      </p>
      <form
        className="mt-5 space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Field label="Access token">
          {(control) => (
            <input
              {...control}
              className="control font-mono"
              type="password"
              autoComplete="current-password"
              required
              autoFocus
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        {signIn.error && <Alert>{signIn.error.message}</Alert>}
        <Button type="submit" variant="primary" className="w-full" busy={signIn.isPending}>
          Unlock
        </Button>
      </form>
    </EntranceFrame>
  );
}
