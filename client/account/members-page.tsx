import { useState } from 'react';
import { toast } from 'sonner';
import { Loaded } from '#client/loaded.tsx';
import { api, errorText, fieldErrors, type Outputs } from '#client/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { ProjectRole } from '#shared/project-role.ts';
import { OnceShown } from './once-shown.tsx';
import { RoleSelect } from './role-select.tsx';
import { roleWords } from './role-words.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { useMayManage } from './use-may-manage.ts';
import { useMe } from './use-me.ts';

type Member = Outputs['members']['list']['items'][number];

/** Who may see and do what in the projects of the organisation. */
export function MembersPage() {
  const isOwner = useMayManage();
  return (
    <SettingsFrame title="Members">
      <Members isOwner={isOwner} />
      {isOwner && <Invitations />}
    </SettingsFrame>
  );
}

function Members({ isOwner }: { isOwner: boolean }) {
  const me = useMe();
  const query = api.members.list.useQuery();
  const utils = api.useUtils();
  const [leaving, setLeaving] = useState<Member>();
  const [revokeKeys, setRevokeKeys] = useState(true);
  const refresh = () =>
    Promise.all([utils.members.list.invalidate(), utils.account.me.invalidate(), utils.keys.list.invalidate()]);
  const setRole = api.members.setRole.useMutation({
    onSettled: refresh,
    onError: (error) => toast.error('The role was not changed', { description: errorText(error) }),
  });
  const remove = api.members.remove.useMutation({
    onSettled: refresh,
    onError: (error) => toast.error('The member was not removed', { description: errorText(error) }),
  });
  const resetLink = api.members.resetLink.useMutation({
    onError: (error) => toast.error('The link was not made', { description: errorText(error) }),
  });
  return (
    <Section title="People">
      <Loaded query={query} what="members">
        {({ items }) => (
          <ul className="divide-y divide-line">
            {items.map((member) => (
              <li key={member.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <div className="min-w-0 flex-1 basis-48">
                  <div className="truncate font-medium">
                    {member.name}
                    {member.id === me.data?.id && <span className="font-normal text-muted"> (you)</span>}
                  </div>
                  <div className="truncate text-sm text-muted">{member.email}</div>
                </div>
                {isOwner ? (
                  <div className="flex flex-wrap items-center gap-2">
                    <RoleSelect
                      aria-label={`Role of ${member.name}`}
                      className="w-auto text-sm"
                      value={member.role}
                      disabled={setRole.isPending}
                      onChange={(role) => setRole.mutate({ userId: member.id, role })}
                    />
                    <Button
                      size="sm"
                      busy={resetLink.isPending && resetLink.variables.userId === member.id}
                      onClick={() => resetLink.mutate({ userId: member.id })}
                      aria-label={`Reset password of ${member.name}`}
                    >
                      Reset password
                    </Button>
                    <Button
                      size="sm"
                      onClick={() => {
                        setLeaving(member);
                        setRevokeKeys(true);
                      }}
                      aria-label={`Remove ${member.name}`}
                    >
                      Remove
                    </Button>
                  </div>
                ) : (
                  <span className="text-sm text-muted">{roleWords[member.role].label}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {resetLink.data && (
        <OnceShown
          label="Link to set a new password"
          text={location.origin + resetLink.data.path}
          hint="Send it to the member and to nobody else: it works once, for a day, and signs them out everywhere. It is not shown again."
        />
      )}
      {leaving && (
        <Dialog
          title={`Remove ${leaving.name}?`}
          onClose={() => setLeaving(undefined)}
          actions={
            <>
              <Button onClick={() => setLeaving(undefined)}>Keep</Button>
              <Button
                variant="danger"
                onClick={() => {
                  remove.mutate({ userId: leaving.id, revokeKeys: leaving.keyCount > 0 && revokeKeys });
                  setLeaving(undefined);
                }}
              >
                Remove
              </Button>
            </>
          }
        >
          <p>They see nothing of the organisation any more. What they made stays.</p>
          {leaving.keyCount > 0 && (
            <>
              <p>
                They made {leaving.keyCount === 1 ? 'one API key' : `${leaving.keyCount} API keys`}, which programs can
                go on using unless you revoke {leaving.keyCount === 1 ? 'it' : 'them'}.
              </p>
              <label className="flex items-center gap-2 text-ink">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  checked={revokeKeys}
                  onChange={(event) => setRevokeKeys(event.target.checked)}
                />
                {leaving.keyCount === 1 ? 'Revoke this key, too' : 'Revoke these keys, too'}
              </label>
            </>
          )}
        </Dialog>
      )}
    </Section>
  );
}

function Invitations() {
  const query = api.members.invitations.useQuery();
  const utils = api.useUtils();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<ProjectRole>('editor');
  const invite = api.members.invite.useMutation({
    onSuccess: () => setEmail(''),
    onSettled: () => utils.members.invitations.invalidate(),
  });
  const withdraw = api.members.withdraw.useMutation({ onSettled: () => utils.members.invitations.invalidate() });
  const errors = fieldErrors(invite.error);
  return (
    <Section title="Invitations">
      <form
        className="flex flex-wrap items-start gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate({ email, role });
        }}
      >
        <div className="min-w-0 flex-1 basis-56">
          <Field label="E-mail address" error={errors['email']}>
            {(control) => (
              <input
                {...control}
                type="email"
                required
                autoComplete="off"
                className="control"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Field label="Role">
          {(control) => <RoleSelect {...control} className="w-auto" value={role} onChange={setRole} />}
        </Field>
        <Button type="submit" variant="primary" className="max-sm:self-end sm:mt-[1.6875rem]" busy={invite.isPending}>
          Invite
        </Button>
      </form>
      {invite.error && Object.keys(errors).length === 0 && (
        <div className="px-4 pb-4">
          <Alert>{errorText(invite.error)}</Alert>
        </div>
      )}
      {invite.data && (
        <OnceShown
          label="Link of the invitation"
          text={location.origin + invite.data.path}
          hint="Send it to whom you invited: it works once, for a week, and is not shown again."
        />
      )}
      {query.data && query.data.items.length > 0 && (
        <ul className="divide-y divide-line border-t border-line">
          {query.data.items.map((invitation) => (
            <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
              <div className="min-w-0 flex-1">
                <div className="truncate font-medium">{invitation.email}</div>
                <div className="text-sm text-muted">
                  {roleWords[invitation.role].label}, invited by {invitation.invitedBy}{' '}
                  <RelativeTime iso={invitation.createdAt} />
                </div>
              </div>
              <Button
                size="sm"
                onClick={() => withdraw.mutate({ invitationId: invitation.id })}
                aria-label={`Withdraw the invitation of ${invitation.email}`}
              >
                Withdraw
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
