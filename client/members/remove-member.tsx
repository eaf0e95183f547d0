import { useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { useMe } from '#client/session/use-me.ts';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import type { Member } from './member.ts';

/**
 * Asks before a member is removed, and whether the API keys they made are revoked. Owners of the organisation remove
 * members from the organisation, other owners from the project.
 */
export function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const me = useMe().data;
  const utils = api.useUtils();
  const [revokeKeys, setRevokeKeys] = useState(true);
  const options = {
    onSuccess: onClose,
    onSettled: () =>
      Promise.all([utils.members.list.invalidate(), utils.account.me.invalidate(), utils.keys.list.invalidate()]),
  };
  const fromOrganization = api.members.remove.useMutation(options);
  const fromProject = api.members.removeFromProject.useMutation(options);
  if (!me) return null;
  const [remove, keyCount] = me.ownsOrganization
    ? [fromOrganization, member.keyCount]
    : [fromProject, member.projectKeyCount];
  const isOne = keyCount === 1;
  const organization = me.projects.find(({ id }) => id === me.project.id)?.organization;
  const place = (me.ownsOrganization && organization) || me.project.name;
  return (
    <ConfirmDialog
      title={`Remove ${member.name} from ${place}?`}
      action="Remove"
      busy={remove.isPending}
      problem={remove.error && errorText(remove.error)}
      onConfirm={() => remove.mutate({ userId: member.id, revokeKeys: keyCount > 0 && revokeKeys })}
      onClose={onClose}
    >
      <p>
        {me.ownsOrganization
          ? 'They lose access to the organisation.'
          : member.role === null
            ? 'They lose access to the project.'
            : 'They keep their role in all projects.'}{' '}
        What they made stays.
      </p>
      {keyCount > 0 && (
        <>
          <p>
            They made {isOne ? 'one API key' : `${keyCount} API keys`}. Programs can keep using {isOne ? 'it' : 'them'}{' '}
            unless you revoke {isOne ? 'it' : 'them'}.
          </p>
          <label className="flex items-center gap-2 text-ink">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={revokeKeys}
              onChange={(event) => setRevokeKeys(event.target.checked)}
            />
            {isOne ? 'Revoke this key, too' : 'Revoke these keys, too'}
          </label>
        </>
      )}
    </ConfirmDialog>
  );
}
