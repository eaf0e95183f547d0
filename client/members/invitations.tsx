import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api, type ApiError, errorText, fieldErrors } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Field } from '#client/ui/field.tsx';
import { Section } from '#client/ui/page.tsx';
import { Alert } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { ProjectRole } from '#shared/project-role.ts';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { RoleSelect } from './role-select.tsx';
import { roleText } from '#client/session/role-text.ts';
import { useMe } from '#client/session/use-me.ts';

/** Who is invited, to this project or, for who owns the organisation, to all of its projects. */
export function Invitations() {
  const me = useMe().data;
  const query = api.members.invitations.useQuery();
  const utils = api.useUtils();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<ProjectRole>('editor');
  const [place, setPlace] = useState<'project' | 'organization'>('organization');
  const isToAll = me?.ownsOrganization === true && place === 'organization';
  const invite = useMutation<{ path: string }, ApiError>({
    mutationFn: () => {
      const { members } = utils.client;
      return (isToAll ? members.invite : members.inviteToProject).mutate({ email, role });
    },
    networkMode: 'always',
    onSuccess: () => setEmail(''),
    onSettled: () => utils.members.invitations.invalidate(),
  });
  const withdraw = api.members.withdraw.useMutation({
    onSettled: () => utils.members.invitations.invalidate(),
    onError: (error) => toast.error('The invitation was not withdrawn', { description: errorText(error) }),
  });
  const errors = fieldErrors(invite.error);
  if (!me) return null;
  return (
    <Section title={me.ownsOrganization ? 'Invitations' : `Invitations to ${me.project.name}`}>
      <form
        className="flex flex-wrap items-start gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
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
        {me.ownsOrganization && (
          <Field label="Where">
            {(control) => (
              <select
                {...control}
                className="control w-auto max-w-48"
                value={place}
                onChange={(event) => setPlace(event.target.value as typeof place)}
              >
                <option value="organization">All projects</option>
                <option value="project">Only {me.project.name}</option>
              </select>
            )}
          </Field>
        )}
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
        <SecretOnce
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
                  {roleText[invitation.role].label}{' '}
                  {invitation.project === null ? 'in all projects' : `in ${invitation.project} only`}, invited by{' '}
                  {invitation.invitedBy} <RelativeTime iso={invitation.createdAt} />
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
