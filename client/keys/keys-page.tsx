import { useState } from 'react';
import { RoleSelect } from '#client/members/role-select.tsx';
import { Loaded } from '#client/query/loaded.tsx';
import { RowForm } from '#client/query/row-form.tsx';
import { errorText, fieldErrors } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { roleText } from '#client/session/role-text.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { Section } from '#client/ui/page.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { useNow } from '#client/ui/use-now.ts';
import { type KeyRole, keyRoles } from '#shared/project-role.ts';

/** What programs may do with a key. */
const keyMay: Record<KeyRole, string> = {
  reporter: 'reports runs of suites and does nothing else: a key for a CI',
  viewer: 'reads tests, jobs and runs',
  editor: 'also changes, runs and cancels tests and jobs, and reports runs',
  owner: 'does everything, including members, keys and settings',
};

const lifetimes = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: 'A year' },
  { days: null, label: 'Does not expire' },
] as const;

/** API keys, with which programs use the project. */
export function KeysPage() {
  return (
    <SettingsPage title="API keys">
      <NewKey />
      <Keys />
    </SettingsPage>
  );
}

function NewKey() {
  const utils = api.useUtils();
  const [name, setName] = useState('');
  const [role, setRole] = useState<KeyRole>('editor');
  const may = keyMay[role];
  const [days, setDays] = useState<number | null>(90);
  const create = api.keys.create.useMutation({
    onSuccess: () => setName(''),
    onSettled: () => utils.keys.list.invalidate(),
  });
  return (
    <Section title="New key">
      <RowForm
        action="Create key"
        mutation={create}
        onSubmit={() => create.mutate({ name, role, expiresInDays: days })}
      >
        <div className="min-w-0 flex-1 basis-56">
          <TextField
            label="Name"
            error={fieldErrors(create.error)['name']}
            required
            placeholder="Such as: CI of the shop"
            value={name}
            onChange={setName}
          />
        </div>
        <Field label="Role" hint={`${may.charAt(0).toUpperCase()}${may.slice(1)}.`}>
          {(control) => <RoleSelect {...control} roles={keyRoles} className="w-auto" value={role} onChange={setRole} />}
        </Field>
        <Field label="Expires after">
          {(control) => (
            <select
              {...control}
              className="control w-auto"
              value={days ?? ''}
              onChange={(event) => setDays(event.target.value === '' ? null : Number(event.target.value))}
            >
              {lifetimes.map(({ days, label }) => (
                <option key={label} value={days ?? ''}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </Field>
      </RowForm>
      {create.data && (
        <SecretOnce
          label="The new key"
          text={create.data.key}
          hint="Programs send it as “Authorization: Bearer …”. Save it now: it is not shown again."
        />
      )}
    </Section>
  );
}

function Keys() {
  const query = api.keys.list.useQuery();
  const [revoking, setRevoking] = useState<{ id: string; name: string }>();
  const now = useNow(60_000);
  return (
    <Section title="Keys of this project">
      <Loaded query={query} what="keys" rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="p-4 text-muted">There are no keys yet.</p>
          ) : (
            <ItemList>
              {items.map((key) => {
                const hasExpired = key.expiresAt !== null && Date.parse(key.expiresAt) < now;
                return (
                  <Item
                    key={key.id}
                    title={
                      <>
                        {key.name} <code className="text-sm font-normal text-muted">{key.start}…</code>
                        {hasExpired && <Badge tone="warn">Expired</Badge>}
                      </>
                    }
                    details={
                      <>
                        {roleText[key.role].label}, created by {key.createdBy}
                        {key.isOfMember === false && ' (no longer a member)'} <RelativeTime iso={key.createdAt} />
                        {key.expiresAt !== null && !hasExpired && (
                          <>
                            , expires <RelativeTime iso={key.expiresAt} ahead />
                          </>
                        )}
                        {key.lastUsedAt === null ? (
                          ', not used yet'
                        ) : (
                          <>
                            , last used <RelativeTime iso={key.lastUsedAt} />
                          </>
                        )}
                      </>
                    }
                  >
                    <Button size="sm" onClick={() => setRevoking(key)} aria-label={`Revoke ${key.name}`}>
                      Revoke
                    </Button>
                  </Item>
                );
              })}
            </ItemList>
          )
        }
      </Loaded>
      {revoking && <RevokeKey apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </Section>
  );
}

function RevokeKey({ apiKey: { id, name }, onClose }: { apiKey: { id: string; name: string }; onClose: () => void }) {
  const utils = api.useUtils();
  const revoke = api.keys.revoke.useMutation({
    onSuccess: onClose,
    onSettled: () => utils.keys.list.invalidate(),
  });
  return (
    <ConfirmDialog
      title={`Revoke “${name}”?`}
      action="Revoke"
      busy={revoke.isPending}
      problem={revoke.error && errorText(revoke.error)}
      onConfirm={() => revoke.mutate({ keyId: id })}
      onClose={onClose}
    >
      <p>From now on the server refuses programs that use this key.</p>
    </ConfirmDialog>
  );
}
