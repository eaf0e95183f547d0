import { useState } from 'react';
import { toast } from 'sonner';
import { api, type ApiError, errorText } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import type { Member } from './member.ts';
import { useMe } from '#client/session/use-me.ts';

/** Asks whether somebody shall go, from the organisation or, for who does not own that, from the project; and their keys, too. */
export function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const me = useMe().data;
  const utils = api.useUtils();
  const [revokeKeys, setRevokeKeys] = useState(true);
  const options = {
    onSettled: () =>
      Promise.all([utils.members.list.invalidate(), utils.account.me.invalidate(), utils.keys.list.invalidate()]),
    onError: (error: ApiError) => toast.error('The member was not removed', { description: errorText(error) }),
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
    <Dialog
      title={`Remove ${member.name} from ${place}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button
            variant="danger"
            onClick={() => {
              remove.mutate({ userId: member.id, revokeKeys: keyCount > 0 && revokeKeys });
              onClose();
            }}
          >
            Remove
          </Button>
        </>
      }
    >
      <p>
        {me.ownsOrganization
          ? 'They see nothing of the organisation any more.'
          : member.role === null
            ? 'They see nothing of the project any more.'
            : 'They keep the role that they have in all projects.'}{' '}
        What they made stays.
      </p>
      {keyCount > 0 && (
        <>
          <p>
            They made {isOne ? 'one API key' : `${keyCount} API keys`}, which programs can go on using unless you revoke{' '}
            {isOne ? 'it' : 'them'}.
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
    </Dialog>
  );
}
