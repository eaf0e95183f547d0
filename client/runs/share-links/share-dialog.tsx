import { useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { RowForm } from '#client/query/row-form.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { Field } from '#client/ui/field.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import { SecretOnce } from '#client/ui/secret-once.tsx';
import { RelativeTime } from '#client/ui/time.tsx';

const lifetimes = [
  { days: 1, label: 'A day' },
  { days: 7, label: '7 days' },
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: 'A year' },
];

/** Makes, lists and revokes the links that open a run without signing in. */
export default function ShareDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  return (
    <ModalDialog label="Share links" onClose={onClose} className="m-auto max-w-xl">
      <div className="max-h-[85dvh] overflow-y-auto">
        <div className="space-y-1.5 p-5 pb-0">
          <h2 className="text-lg font-semibold">Share links</h2>
          <p className="text-sm text-muted">
            A share link opens this run without signing in: its tests, output and files, live and read-only. It opens
            nothing else.
          </p>
        </div>
        <NewLink runId={runId} />
        <Links runId={runId} />
      </div>
      <div className="flex justify-end border-t border-line px-5 py-3.5">
        <Button onClick={onClose}>Close</Button>
      </div>
    </ModalDialog>
  );
}

function NewLink({ runId }: { runId: string }) {
  const utils = api.useUtils();
  const [days, setDays] = useState(7);
  const create = api.shareLinks.create.useMutation({ onSettled: () => utils.shareLinks.list.invalidate({ runId }) });
  return (
    <>
      <RowForm action="Create link" mutation={create} onSubmit={() => create.mutate({ runId, expiresInDays: days })}>
        <Field label="Expires after">
          {(control) => (
            <select
              {...control}
              className="control w-auto"
              value={days}
              onChange={(event) => setDays(Number(event.target.value))}
            >
              {lifetimes.map(({ days, label }) => (
                <option key={days} value={days}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </Field>
      </RowForm>
      {create.data && (
        <SecretOnce
          label="The new link"
          text={`${location.origin}${create.data.path}`}
          hint="Copy it now: it is not shown again."
        />
      )}
    </>
  );
}

type ShareLink = Outputs['shareLinks']['list']['items'][number];

function Links({ runId }: { runId: string }) {
  const query = api.shareLinks.list.useQuery({ runId });
  const [revoking, setRevoking] = useState<ShareLink>();
  return (
    <section aria-label="Links of this run" className="border-t border-line">
      <Loaded query={query} what="share links" rows={1}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="px-5 py-4 text-sm text-muted">This run has no share link.</p>
          ) : (
            <ItemList>
              {items.map((link) => (
                <Item
                  key={link.id}
                  title={
                    <span>
                      Expires <RelativeTime iso={link.expiresAt} ahead />
                    </span>
                  }
                  details={
                    <>
                      Created by {link.createdBy} <RelativeTime iso={link.createdAt} />
                      {link.lastUsedAt === null ? (
                        ', not opened yet'
                      ) : (
                        <>
                          , last used <RelativeTime iso={link.lastUsedAt} />
                        </>
                      )}
                    </>
                  }
                >
                  <Button size="sm" onClick={() => setRevoking(link)}>
                    Revoke
                  </Button>
                </Item>
              ))}
            </ItemList>
          )
        }
      </Loaded>
      {revoking && <RevokeLink runId={runId} linkId={revoking.id} onClose={() => setRevoking(undefined)} />}
    </section>
  );
}

function RevokeLink({ runId, linkId, onClose }: { runId: string; linkId: string; onClose: () => void }) {
  const utils = api.useUtils();
  const revoke = api.shareLinks.revoke.useMutation({
    onSuccess: onClose,
    onSettled: () => utils.shareLinks.list.invalidate({ runId }),
  });
  return (
    <ConfirmDialog
      title="Revoke the share link?"
      action="Revoke"
      busy={revoke.isPending}
      problem={revoke.error && errorText(revoke.error)}
      onConfirm={() => revoke.mutate({ linkId })}
      onClose={onClose}
    >
      <p>Pages that it has opened stop, and it opens nothing from now on.</p>
    </ConfirmDialog>
  );
}
