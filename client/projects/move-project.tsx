import { useState } from 'react';
import { toast } from 'sonner';
import { api } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { FormDialog } from '#client/query/form-dialog.tsx';

/** Asks to which of the caller's other organisations the project shall go. */
export function MoveProject({
  project,
  organizations,
  onClose,
}: {
  project: string;
  organizations: readonly [Organization, ...Organization[]];
  onClose: () => void;
}) {
  const utils = api.useUtils();
  const [organizationId, setOrganizationId] = useState(organizations[0].id);
  const move = api.projects.move.useMutation({
    onSuccess: () => {
      onClose();
      toast.success(`${project} has moved`);
    },
    // Who is in it, and what the log says of it, is another matter now.
    onSettled: () => utils.invalidate(),
  });
  return (
    <FormDialog
      title={`Move ${project}`}
      action="Move"
      busy={move.isPending}
      error={move.error}
      onSubmit={() => move.mutate({ organizationId })}
      onClose={onClose}
    >
      <Field label="To the organisation">
        {(control) => (
          <select
            {...control}
            className="control"
            value={organizationId}
            onChange={(event) => setOrganizationId(event.target.value)}
          >
            {organizations.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p className="text-muted">
        Tests, jobs, runs, variables and API keys go along, and the keys go on to work. Who is not in that organisation
        loses their role in the project, and open invitations to it are void.
      </p>
    </FormDialog>
  );
}

export interface Organization {
  id: string;
  name: string;
}
