import { useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { fieldErrors } from '#client/query/api-error.ts';
import { FormDialog } from '#client/query/form-dialog.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Field } from '#client/ui/field.tsx';
import { TextField } from '#client/ui/text-field.tsx';

const dayMs = 24 * 3_600_000;
/** Long enough to mend a test, short enough not to forget it. */
const usualDays = 14;

/** As the browser's field for dates has it, in the browser's time zone. */
function dateOf(time: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
}

/** Puts a case into quarantine, or changes its quarantine. */
export function QuarantineDialog({
  of: { id: caseId, title, quarantine },
  owner: usualOwner,
  onClose,
}: {
  of: Pick<Outputs['cases']['byId'], 'id' | 'title' | 'quarantine'>;
  /** Who looks after it, until another name is typed. */
  owner: string;
  onClose: () => void;
}) {
  const utils = api.useUtils();
  const [today] = useState(() => dateOf(new Date()));
  const [reason, setReason] = useState(quarantine?.reason ?? '');
  const [owner, setOwner] = useState(quarantine?.owner ?? usualOwner);
  const [until, setUntil] = useState(() =>
    dateOf(quarantine ? new Date(quarantine.expiresAt) : new Date(Date.now() + usualDays * dayMs)),
  );
  const mutation = api.cases.quarantine.useMutation({
    onSuccess: () => {
      void utils.cases.invalidate();
      void utils.overview.invalidate();
      toast.success(`“${title}” is in quarantine`, { description: 'From its next run on, its failures fail nothing.' });
      onClose();
    },
  });
  const errors = fieldErrors(mutation.error);
  return (
    <FormDialog
      title={quarantine ? 'Change the quarantine' : 'Put into quarantine'}
      action={quarantine ? 'Save' : 'Put into quarantine'}
      busy={mutation.isPending}
      error={mutation.error}
      onSubmit={() => {
        // The day counts to its end.
        const end = new Date(`${until}T23:59:59`);
        if (!mutation.isPending && !Number.isNaN(end.getTime()))
          mutation.mutate({ caseId, reason, owner, expiresAt: end.toISOString() });
      }}
      onClose={onClose}
    >
      <p className="text-sm text-muted">
        The case still runs and is shown. Its failures do not fail its runs, until the day that you choose.
      </p>
      <Field label="Reason" error={errors['reason']}>
        {(control) => (
          <textarea
            {...control}
            autoFocus
            required
            rows={2}
            maxLength={500}
            value={reason}
            placeholder="Fails when the mail server is slow"
            onChange={(event) => setReason(event.target.value)}
            className="control"
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Owner"
          hint="A person or a team."
          error={errors['owner']}
          required
          maxLength={100}
          value={owner}
          onChange={setOwner}
        />
        <TextField
          label="Counts again after"
          type="date"
          required
          min={today}
          error={errors['expiresAt']}
          value={until}
          onChange={setUntil}
        />
      </div>
    </FormDialog>
  );
}
