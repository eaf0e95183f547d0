import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { requestJson, type SignInWays } from '#client/session/sign-in.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';

/** The user's sessions and password. */
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
          <ItemList>
            {items.map((session) => {
              const device = describeDevice(session.userAgent);
              return (
                <Item
                  key={session.id}
                  title={
                    <>
                      {device} {session.isThisOne && <Badge tone="good">This browser</Badge>}
                    </>
                  }
                  details={
                    <>
                      {session.ipAddress || 'Unknown address'}, signed in <RelativeTime iso={session.createdAt} />
                    </>
                  }
                >
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
                </Item>
              );
            })}
          </ItemList>
        )}
      </Loaded>
    </Section>
  );
}

/** The browser and system that a user agent names. */
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
  return <p className="p-4 text-muted">You have no password: you sign in with {provider ?? 'single sign-on'}.</p>;
}

const blank = { currentPassword: '', newPassword: '' };

function ChangePassword() {
  const [values, setValues] = useState(blank);
  const utils = api.useUtils();
  const change = useMutation({
    mutationFn: () => requestJson('/api/auth/change-password', { ...values, revokeOtherSessions: true }),
    onSuccess: () => {
      setValues(blank);
      toast.success('Your password was changed', { description: 'All your other sessions were ended.' });
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
        <TextField
          key={name}
          label={name === 'newPassword' ? 'New password' : 'Current password'}
          hint={name === 'newPassword' ? 'At least 12 characters.' : undefined}
          type="password"
          autoComplete={name === 'newPassword' ? 'new-password' : 'current-password'}
          required
          value={values[name]}
          onChange={(value) => setValues((old) => ({ ...old, [name]: value }))}
        />
      ))}
      {change.error && <Alert>{change.error.message}</Alert>}
      <Button type="submit" busy={change.isPending}>
        Change password
      </Button>
    </form>
  );
}
