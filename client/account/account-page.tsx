import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { Loaded } from '#client/query/loaded.tsx';
import { api, errorText } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { Field } from '#client/ui/field.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { requestJson, type SignInWays } from '#client/session/sign-in.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';

/** Where one is signed in, and one's password. */
export function AccountPage() {
  return (
    <SettingsPage title="Your account">
      <Sessions />
      <Password />
    </SettingsPage>
  );
}

function Sessions() {
  const query = api.account.sessions.useQuery();
  const utils = api.useUtils();
  const revoke = api.account.revokeSession.useMutation({
    onSettled: () => utils.account.sessions.invalidate(),
    onError: (error) => toast.error('The session was not ended', { description: errorText(error) }),
  });
  return (
    <Section title="Where you are signed in">
      <Loaded query={query} what="sessions" rows={2}>
        {({ items }) => (
          <ul className="divide-y divide-line">
            {items.map((session) => {
              const device = describeDevice(session.userAgent);
              return (
                <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                  <div className="min-w-0 flex-1">
                    <div className="flex flex-wrap items-center gap-2 font-medium">
                      {device} {session.isThisOne && <Badge tone="good">This browser</Badge>}
                    </div>
                    <div className="text-sm text-muted">
                      {session.ipAddress || 'Address not known'}, since <RelativeTime iso={session.createdAt} />
                    </div>
                  </div>
                  {!session.isThisOne && (
                    <Button
                      size="sm"
                      busy={revoke.isPending && revoke.variables.sessionId === session.id}
                      onClick={() => revoke.mutate({ sessionId: session.id })}
                      aria-label={`End session of ${device}`}
                    >
                      End session
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

/** What a browser calls itself, in short. */
function describeDevice(userAgent: string | null): string {
  const browser = /(Edg|Firefox|Chrome|Safari)\//.exec(userAgent ?? '')?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent ?? '')?.[1];
  if (!browser) return userAgent?.slice(0, 40) || 'A program';
  return `${browser === 'Edg' ? 'Edge' : browser}${system ? ` on ${system === 'Mac OS X' ? 'macOS' : system}` : ''}`;
}

function Password() {
  const { data } = api.account.sessions.useQuery();
  if (!data) return null;
  return <Section title="Password">{data.hasPassword ? <ChangePassword /> : <NoPassword />}</Section>;
}

function NoPassword() {
  const ways = useQuery({ queryKey: ['sign-in'], queryFn: () => requestJson<SignInWays>('/api/sign-in') });
  const provider = ways.data?.kind === 'accounts' ? ways.data.provider : undefined;
  return <p className="p-4 text-muted">You have none: you sign in with {provider ?? 'single sign-on'}.</p>;
}

const blank = { currentPassword: '', newPassword: '' };

function ChangePassword() {
  const [values, setValues] = useState(blank);
  const utils = api.useUtils();
  const change = useMutation({
    mutationFn: () => requestJson('/api/auth/change-password', { ...values, revokeOtherSessions: true }),
    networkMode: 'always',
    onSuccess: () => {
      setValues(blank);
      toast.success('Your password is changed', { description: 'You are signed out everywhere else.' });
      void utils.account.sessions.invalidate();
    },
  });
  return (
    <form
      className="max-w-sm space-y-4 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      {(['currentPassword', 'newPassword'] as const).map((name) => (
        <Field
          key={name}
          label={name === 'newPassword' ? 'New password' : 'Current password'}
          hint={name === 'newPassword' ? 'At least 12 characters.' : undefined}
        >
          {(control) => (
            <input
              {...control}
              className="control"
              type="password"
              autoComplete={name === 'newPassword' ? 'new-password' : 'current-password'}
              required
              value={values[name]}
              onChange={(event) => setValues((old) => ({ ...old, [name]: event.target.value }))}
            />
          )}
        </Field>
      ))}
      {change.error && <Alert>{change.error.message}</Alert>}
      <Button type="submit" busy={change.isPending}>
        Change password
      </Button>
    </form>
  );
}
