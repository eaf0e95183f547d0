import { ShieldAlert } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { useMe } from '#client/session/use-me.ts';
import { errorText } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { formatDate } from '#client/ui/format.ts';
import { RelativeTime } from '#client/ui/time.tsx';

const QuarantineDialog = lazy(async () => ({
  default: (await import('./quarantine-dialog.tsx')).QuarantineDialog,
}));

type Case = Outputs['cases']['byId'];

/** A button that puts a case into quarantine; nothing for viewers, and while the case is there. */
export function QuarantineButton({ of }: { of: Case }) {
  const mayEdit = useMayEdit();
  if (!mayEdit || of.quarantine) return null;
  return <OpenDialog of={of} text="Quarantine" />;
}

/** Why a case is in quarantine, until when, and who looks after it. */
export function QuarantineNotice({ of }: { of: Case }) {
  const mayEdit = useMayEdit();
  const { quarantine } = of;
  if (!quarantine) return null;
  const { reason, owner, expiresAt, createdBy, createdAt } = quarantine;
  return (
    <section
      aria-label="Quarantine"
      className="mb-5 flex flex-wrap items-start gap-x-4 gap-y-3 rounded-xl border border-warn-line bg-warn-tint px-4 py-3"
    >
      <ShieldAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warn max-sm:hidden" />
      <div className="min-w-0 flex-1 basis-64 text-sm">
        <h2 className="font-semibold text-warn">
          In quarantine until {formatDate(expiresAt)}: its failures fail nothing
        </h2>
        <p className="mt-1 break-words whitespace-pre-line">{reason}</p>
        <p className="mt-1 text-muted">
          Owner: {owner}. Put there by {createdBy}, <RelativeTime iso={createdAt} />.
        </p>
      </div>
      {mayEdit && (
        <div className="flex gap-2">
          <OpenDialog of={of} text="Change" />
          <Release of={of} />
        </div>
      )}
    </section>
  );
}

function OpenDialog({ of, text }: { of: Case; text: string }) {
  const [open, setOpen] = useState(false);
  const { data: me } = useMe();
  return (
    <>
      <Button size={of.quarantine ? 'sm' : 'md'} onClick={() => setOpen(true)}>
        {!of.quarantine && <ShieldAlert aria-hidden className="size-4" />} {text}
      </Button>
      {open && (
        <Suspense>
          <QuarantineDialog of={of} owner={me?.name ?? ''} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function Release({ of }: { of: Case }) {
  const utils = api.useUtils();
  const release = api.cases.release.useMutation({
    onSuccess: () => {
      void utils.cases.invalidate();
      void utils.overview.invalidate();
      toast.success(`“${of.title}” counts again`);
    },
    onError: (error) => void toast.error('The case was not released', { description: errorText(error) }),
  });
  return (
    <Button size="sm" busy={release.isPending} onClick={() => release.mutate({ caseId: of.id })}>
      Release
    </Button>
  );
}
