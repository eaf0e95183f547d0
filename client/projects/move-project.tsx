import { useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { api } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { FormDialog } from '#client/query/form-dialog.tsx';

/** Moves the project to another organisation that the user owns. */
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
      toast.success(`${project} was moved`);
    },
    // Members, roles and the audit log are those of the other organisation now.
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
        Tests, jobs, runs, variables and API keys move with it, and the keys keep working. Members of the project who
        are not in that organisation lose their role. Open invitations to the project stop working.
      </p>
    </FormDialog>
  );
}

export interface Organization {
  id: string;
  name: string;
}
