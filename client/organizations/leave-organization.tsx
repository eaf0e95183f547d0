import { useState } from 'react';
import { chooseProject } from '#client/query/chosen-project.ts';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';

/** Asks before the user leaves an organisation. If it is the one shown now, the app then shows another project. */
export function LeaveOrganization({ id, name, isShown }: { id: string; name: string; isShown: boolean }) {
  const utils = api.useUtils();
  const [isAsking, setAsking] = useState(false);
  const leave = api.members.leave.useMutation({
    onSuccess: () => {
      setAsking(false);
      return isShown ? chooseProject(undefined) : utils.account.me.invalidate();
    },
  });
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setAsking(true)} aria-label={`Leave ${name}`}>
        Leave
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Leave ${name}?`}
          action="Leave"
          busy={leave.isPending}
          problem={leave.error && errorText(leave.error)}
          onConfirm={() => leave.mutate({ organizationId: id })}
          onClose={() => setAsking(false)}
        >
          <p>
            You lose access to its projects until a member invites you again. What you made stays, and your API keys
            keep working.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
