import { useState } from 'react';
import { toast } from 'sonner';
import { api, errorText } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { chooseProject } from '#client/query/chosen-project.ts';

/** Asks whether one wants to go, and shows what is left. */
export function LeaveOrganization({ id, name, isShown }: { id: string; name: string; isShown: boolean }) {
  const utils = api.useUtils();
  const [isAsking, setAsking] = useState(false);
  const leave = api.members.leave.useMutation({
    onSuccess: () => (isShown ? chooseProject(undefined) : utils.account.me.invalidate()),
    onError: (error) => toast.error(`You are still in ${name}`, { description: errorText(error) }),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setAsking(true)} aria-label={`Leave ${name}`}>
        Leave
      </Button>
      {isAsking && (
        <Dialog
          title={`Leave ${name}?`}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>Stay</Button>
              <Button variant="danger" busy={leave.isPending} onClick={() => leave.mutate({ organizationId: id })}>
                Leave
              </Button>
            </>
          }
        >
          <p>You see nothing of it until somebody invites you again. What you made stays, and so do your API keys.</p>
        </Dialog>
      )}
    </>
  );
}
