import { useState } from 'react';
import { Loaded } from '#client/query/loaded.tsx';
import { api, errorText, fieldErrors } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { useNow } from '#client/ui/use-now.ts';
import type { ProjectRole } from '#shared/project-role.ts';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { RoleSelect } from '#client/members/role-select.tsx';
import { roleText } from '#client/session/role-text.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';

const lifetimes = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: 'A year' },
  { days: null, label: 'Does not expire' },
] as const;

/** What programs send to get in. */
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
  const [role, setRole] = useState<ProjectRole>('editor');
  const [days, setDays] = useState<number | null>(90);
  const create = api.keys.create.useMutation({
    onSuccess: () => setName(''),
    onSettled: () => utils.keys.list.invalidate(),
  });
  const errors = fieldErrors(create.error);
  return (
    <Section title="New key">
      <form
        className="flex flex-wrap items-start gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name, role, expiresInDays: days });
        }}
      >
        <div className="min-w-0 flex-1 basis-56">
          <Field label="Name" error={errors['name']}>
            {(control) => (
              <input
                {...control}
                required
                placeholder="Such as: CI of the shop"
                className="control"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Field label="Role">
          {(control) => <RoleSelect {...control} className="w-auto" value={role} onChange={setRole} />}
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
        <Button type="submit" variant="primary" className="max-sm:self-end sm:mt-[1.6875rem]" busy={create.isPending}>
          Create key
        </Button>
      </form>
      {create.error && Object.keys(errors).length === 0 && (
        <div className="px-4 pb-4">
          <Alert>{errorText(create.error)}</Alert>
        </div>
      )}
      {create.data && (
        <SecretOnce
          label="The new key"
          text={create.data.key}
          hint="Programs send it as “Authorization: Bearer …”. Keep it now: it is not shown again."
        />
      )}
    </Section>
  );
}

function Keys() {
  const query = api.keys.list.useQuery();
  const utils = api.useUtils();
  const now = useNow(60_000);
  const [revoking, setRevoking] = useState<{ id: string; name: string }>();
  const revoke = api.keys.revoke.useMutation({ onSettled: () => utils.keys.list.invalidate() });
  return (
    <Section title="Keys of this project">
      <Loaded query={query} what="keys" rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="p-4 text-muted">There is none.</p>
          ) : (
            <ul className="divide-y divide-line">
              {items.map((key) => (
                <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                  <div className="min-w-0 flex-1 basis-64">
                    <div className="flex flex-wrap items-center gap-2 font-medium">
                      <span className="break-words">{key.name}</span>
                      <code className="text-sm font-normal text-muted">{key.start}…</code>
                      {key.expiresAt !== null && Date.parse(key.expiresAt) < now && <Badge tone="warn">Expired</Badge>}
                    </div>
                    <div className="text-sm text-muted">
                      {roleText[key.role].label}, made by {key.createdBy}
                      {key.isOfMember === false && ' (no longer a member)'} <RelativeTime iso={key.createdAt} />
                      {key.expiresAt !== null && Date.parse(key.expiresAt) >= now && (
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
                    </div>
                  </div>
                  <Button size="sm" onClick={() => setRevoking(key)} aria-label={`Revoke ${key.name}`}>
                    Revoke
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {revoking && (
        <Dialog
          title={`Revoke “${revoking.name}”?`}
          onClose={() => setRevoking(undefined)}
          actions={
            <>
              <Button onClick={() => setRevoking(undefined)}>Keep</Button>
              <Button
                variant="danger"
                onClick={() => {
                  revoke.mutate({ keyId: revoking.id });
                  setRevoking(undefined);
                }}
              >
                Revoke
              </Button>
            </>
          }
        >
          <p>Programs that use it are refused from now on.</p>
        </Dialog>
      )}
    </Section>
  );
}
