import { useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { useMe } from '#client/session/use-me.ts';
import { SettingsPage } from '#client/settings/settings-page.tsx';
import { Button } from '#client/ui/button.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { Section } from '#client/ui/page.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { Invitations } from './invitations.tsx';
import type { Member } from './member.ts';
import { describeRoles, MemberRoles } from './member-roles.tsx';
import { RemoveMember } from './remove-member.tsx';

/** The members of the project with their roles, and open invitations. Owners change both. */
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
  const [removing, setRemoving] = useState<Member>();
  const resetLink = api.members.resetLink.useMutation({
    onError: (error) => toast.error('The link was not created', { description: errorText(error) }),
  });
  return (
    <Section title="People">
      <Loaded query={query} what="members">
        {({ items }) => (
          <ItemList>
            {items.map((member) => (
              <Item
                key={member.id}
                title={
                  <>
                    {member.name}
                    {member.id === me?.id && <span className="font-normal text-muted"> (you)</span>}
                  </>
                }
                details={
                  <>
                    <div>{member.email}</div>
                    <div>{describeRoles(member)}</div>
                  </>
                }
              >
                {mayManage && (ownsOrganization || member.role !== 'owner') && (
                  <Button size="sm" onClick={() => setChanging(member)} aria-label={`Change role of ${member.name}`}>
                    Change role
                  </Button>
                )}
                {mayManage && ownsOrganization && (
                  <Button
                    size="sm"
                    busy={resetLink.isPending && resetLink.variables.userId === member.id}
                    onClick={() => resetLink.mutate({ userId: member.id })}
                    aria-label={`Reset password of ${member.name}`}
                  >
                    Reset password
                  </Button>
                )}
                {mayManage && (ownsOrganization || member.projectRole !== null) && (
                  <Button size="sm" onClick={() => setRemoving(member)} aria-label={`Remove ${member.name}`}>
                    Remove
                  </Button>
                )}
              </Item>
            ))}
          </ItemList>
        )}
      </Loaded>
      {resetLink.data && (
        <SecretOnce
          label="Link to set a new password"
          text={location.origin + resetLink.data.path}
          hint="Send it to this member only. It works once, for a day, and signs them out everywhere. It is not shown again."
        />
      )}
      {changing && <MemberRoles member={changing} onClose={() => setChanging(undefined)} />}
      {removing && <RemoveMember member={removing} onClose={() => setRemoving(undefined)} />}
    </Section>
  );
}
