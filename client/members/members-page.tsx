import { useState } from 'react';
import { toast } from 'sonner';
import { Loaded } from '#client/query/loaded.tsx';
import { api, errorText } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Section } from '#client/ui/page.tsx';
import { Invitations } from './invitations.tsx';
import type { Member } from './member.ts';
import { describeRoles, MemberRoles } from './member-roles.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { RemoveMember } from './remove-member.tsx';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { useMe } from '#client/session/use-me.ts';

/** Who may see and do what in the project and, for who owns them, in all projects of the organisation. */
export function MembersPage() {
  const mayManage = useMayManage();
  return (
    <SettingsPage title="Members">
      <Members mayManage={mayManage} />
      {mayManage && <Invitations />}
    </SettingsPage>
  );
}

function Members({ mayManage }: { mayManage: boolean }) {
  const me = useMe().data;
  const ownsOrganization = me?.ownsOrganization === true;
  const query = api.members.list.useQuery();
  const [changing, setChanging] = useState<Member>();
  const [leaving, setLeaving] = useState<Member>();
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
                <div className="min-w-0 flex-1 basis-64">
                  <div className="truncate font-medium">
                    {member.name}
                    {member.id === me?.id && <span className="font-normal text-muted"> (you)</span>}
                  </div>
                  <div className="truncate text-sm text-muted">{member.email}</div>
                  <div className="text-sm text-muted">{describeRoles(member)}</div>
                </div>
                {mayManage && (
                  <div className="flex flex-wrap items-center gap-2">
                    {(ownsOrganization || member.role !== 'owner') && (
                      <Button
                        size="sm"
                        onClick={() => setChanging(member)}
                        aria-label={`Change role of ${member.name}`}
                      >
                        Change role
                      </Button>
                    )}
                    {ownsOrganization && (
                      <Button
                        size="sm"
                        busy={resetLink.isPending && resetLink.variables.userId === member.id}
                        onClick={() => resetLink.mutate({ userId: member.id })}
                        aria-label={`Reset password of ${member.name}`}
                      >
                        Reset password
                      </Button>
                    )}
                    {(ownsOrganization || member.projectRole !== null) && (
                      <Button size="sm" onClick={() => setLeaving(member)} aria-label={`Remove ${member.name}`}>
                        Remove
                      </Button>
                    )}
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {resetLink.data && (
        <SecretOnce
          label="Link to set a new password"
          text={location.origin + resetLink.data.path}
          hint="Send it to the member and to nobody else: it works once, for a day, and signs them out everywhere. It is not shown again."
        />
      )}
      {changing && <MemberRoles member={changing} onClose={() => setChanging(undefined)} />}
      {leaving && <RemoveMember member={leaving} onClose={() => setLeaving(undefined)} />}
    </Section>
  );
}
