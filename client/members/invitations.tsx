import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { RowForm } from '#client/query/row-form.tsx';
import { type ApiError, errorText, fieldErrors } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { roleText } from '#client/session/role-text.ts';
import { useMe } from '#client/session/use-me.ts';
import { Button } from '#client/ui/button.tsx';
import { Field } from '#client/ui/field.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { Section } from '#client/ui/page.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { TextField } from '#client/ui/text-field.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { ProjectRole } from '#shared/project-role.ts';
import { RoleSelect } from './role-select.tsx';

/** Open invitations and a form for new ones: to this project or, from owners of the organisation, to all its projects. */
export function Invitations() {
  const me = useMe().data;
  const query = api.members.invitations.useQuery();
  const utils = api.useUtils();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<ProjectRole>('editor');
  const [scope, setScope] = useState<'project' | 'organization'>('organization');
  const isToAll = me?.ownsOrganization === true && scope === 'organization';
  const invite = useMutation<{ path: string }, ApiError>({
    mutationFn: () => {
      const { members } = utils.client;
      return (isToAll ? members.invite : members.inviteToProject).mutate({ email, role });
    },
    onSuccess: () => setEmail(''),
    onSettled: () => utils.members.invitations.invalidate(),
  });
  const revoke = api.members.withdraw.useMutation({
    onSettled: () => utils.members.invitations.invalidate(),
    onError: (error) => toast.error('The invitation was not revoked', { description: errorText(error) }),
  });
  if (!me) return null;
  return (
    <Section title={me.ownsOrganization ? 'Invitations' : `Invitations to ${me.project.name}`}>
      <RowForm action="Invite" mutation={invite} onSubmit={() => invite.mutate()}>
        <div className="min-w-0 flex-1 basis-56">
          <TextField
            label="E-mail address"
            error={fieldErrors(invite.error)['email']}
            type="email"
            required
            autoComplete="off"
            value={email}
            onChange={setEmail}
          />
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
                value={scope}
                onChange={(event) => setScope(event.target.value as typeof scope)}
              >
                <option value="organization">All projects</option>
                <option value="project">Only {me.project.name}</option>
              </select>
            )}
          </Field>
        )}
      </RowForm>
      {invite.data && (
        <SecretOnce
          label="Link of the invitation"
          text={location.origin + invite.data.path}
          hint="Send it to the person you invite. It works once, for a week, and is not shown again."
        />
      )}
      {query.data && query.data.items.length > 0 && (
        <ItemList className="border-t border-line">
          {query.data.items.map((invitation) => (
            <Item
              key={invitation.id}
              title={invitation.email}
              details={
                <>
                  {roleText[invitation.role].label}{' '}
                  {invitation.project === null ? 'in all projects' : `in ${invitation.project} only`}, invited by{' '}
                  {invitation.invitedBy} <RelativeTime iso={invitation.createdAt} />
                </>
              }
            >
              <Button
                size="sm"
                onClick={() => revoke.mutate({ invitationId: invitation.id })}
                aria-label={`Revoke the invitation of ${invitation.email}`}
              >
                Revoke
              </Button>
            </Item>
          ))}
        </ItemList>
      )}
    </Section>
  );
}
