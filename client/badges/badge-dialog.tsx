import { skipToken } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { Refusal } from '#client/query/refusal.tsx';
import { RowForm } from '#client/query/row-form.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { CopyButton } from '#client/ui/copy-button.tsx';
import { Field } from '#client/ui/field.tsx';
import { Item, ItemList } from '#client/ui/item-list.tsx';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { type BadgeOwner, pageOf, withoutBranch } from './badge-owner.ts';
import { badgeSnippets, type SnippetKind } from './badge-snippets.ts';

/** Makes, shows and revokes the status badges of a test, a job or a suite. */
export default function BadgeDialog({ of: owner, onClose }: { of: BadgeOwner; onClose: () => void }) {
  const branches = useBranches(owner);
  const hasBranches = branches !== undefined && branches.length > 0;
  return (
    <ModalDialog label="Status badges" onClose={onClose} className="m-auto max-w-xl">
      <div className="max-h-[85dvh] overflow-y-auto">
        <div className={`space-y-1.5 p-5 ${hasBranches ? 'pb-0' : ''}`}>
          <h2 className="text-lg font-semibold">Status badges</h2>
          <p className="text-sm text-muted">
            A badge is a picture for a README or a wiki. Anyone who has its address sees the name and how the newest
            finished run went, and nothing else.
          </p>
        </div>
        {hasBranches && <NewBadge owner={owner} branches={branches} />}
        <Badges owner={owner}>{branches && !hasBranches && <OnlyBadge owner={owner} />}</Badges>
      </div>
      <div className="flex justify-end border-t border-line px-5 py-3.5">
        <Button onClick={onClose}>Close</Button>
      </div>
    </ModalDialog>
  );
}

/** The branches that it ran of, those that ran last first; undefined until they are known. */
function useBranches(owner: BadgeOwner): string[] | undefined {
  const ofTest = api.tests.branches.useQuery('testId' in owner ? { testId: owner.testId } : skipToken);
  const ofJob = api.jobs.branches.useQuery('jobId' in owner ? { jobId: owner.jobId } : skipToken);
  const ofSuite = api.suites.branches.useQuery('suiteId' in owner ? { suiteId: owner.suiteId } : skipToken);
  const query = 'testId' in owner ? ofTest : 'jobId' in owner ? ofJob : ofSuite;
  const known = query.data?.items.map(({ branch }) => branch);
  // The page may show one that ran long ago.
  return known && 'branch' in owner && owner.branch !== undefined ? [...new Set([owner.branch, ...known])] : known;
}

function useCreate(owner: BadgeOwner) {
  const utils = api.useUtils();
  return api.badges.create.useMutation({ onSettled: () => utils.badges.list.invalidate(withoutBranch(owner)) });
}

/** There may be a badge for each branch, and one of all. */
function NewBadge({ owner, branches }: { owner: BadgeOwner; branches: string[] }) {
  const [branch, setBranch] = useState('branch' in owner ? owner.branch : undefined);
  const create = useCreate(owner);
  return (
    <RowForm
      action="Create badge"
      mutation={create}
      onSubmit={() => create.mutate({ ...withoutBranch(owner), branch })}
    >
      <Field label="Branch">
        {(control) => (
          <select
            {...control}
            className="control w-auto max-w-64"
            value={branch ?? ''}
            onChange={(event) => setBranch(event.target.value || undefined)}
          >
            <option value="">All branches</option>
            {branches.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
    </RowForm>
  );
}

/** Makes the badge of what has run of no branch. */
function OnlyBadge({ owner }: { owner: BadgeOwner }) {
  const create = useCreate(owner);
  return (
    <>
      <Button variant="primary" busy={create.isPending} onClick={() => create.mutate(withoutBranch(owner))}>
        Create badge
      </Button>
      <Refusal error={create.error} />
    </>
  );
}

type Badge = Outputs['badges']['list']['items'][number];

/** `children` stand where there is no badge. */
function Badges({ owner, children }: { owner: BadgeOwner; children: ReactNode }) {
  const query = api.badges.list.useQuery(withoutBranch(owner));
  const [revoking, setRevoking] = useState<Badge>();
  return (
    <section aria-label="Badges" className="border-t border-line">
      <Loaded query={query} what="badges" rows={1}>
        {({ items }) =>
          items.length === 0 ? (
            <div className="space-y-3 px-5 py-4 text-sm text-muted">
              <p>There is no badge yet.</p>
              {children}
            </div>
          ) : (
            <ItemList>
              {items.map((badge) => (
                <Item
                  key={badge.id}
                  title={<img src={badge.path} alt={badge.label} />}
                  details={
                    <>
                      {badge.branch !== null && <>Branch {badge.branch} · </>}
                      Created by {badge.createdBy} <RelativeTime iso={badge.createdAt} />
                      <Snippet badge={badge} page={pageOf(owner, badge.branch)} />
                    </>
                  }
                >
                  <Button size="sm" aria-label={`Revoke ${badge.label}`} onClick={() => setRevoking(badge)}>
                    Revoke
                  </Button>
                </Item>
              ))}
            </ItemList>
          )
        }
      </Loaded>
      {revoking && <RevokeBadge owner={owner} badge={revoking} onClose={() => setRevoking(undefined)} />}
    </section>
  );
}

/** What is pasted where the badge is to be. */
function Snippet({ badge: { label, path }, page }: { badge: Badge; page: string }) {
  const [kind, setKind] = useState<SnippetKind>('Markdown');
  const { origin } = location;
  const text = badgeSnippets[kind]({ label, image: origin + path, page: origin + page });
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <select
        aria-label={`Format of ${label}`}
        className="control w-auto text-sm"
        value={kind}
        onChange={(event) => setKind(event.target.value as SnippetKind)}
      >
        {Object.keys(badgeSnippets).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <input
        aria-label={`${kind} of ${label}`}
        readOnly
        value={text}
        onFocus={(event) => event.target.select()}
        className="control min-w-0 flex-1 basis-40 font-mono text-sm"
      />
      <CopyButton label={`Copy ${kind} of ${label}`} text={() => text} />
    </div>
  );
}

function RevokeBadge({ owner, badge, onClose }: { owner: BadgeOwner; badge: Badge; onClose: () => void }) {
  const utils = api.useUtils();
  const revoke = api.badges.revoke.useMutation({
    onSuccess: onClose,
    onSettled: () => utils.badges.list.invalidate(withoutBranch(owner)),
  });
  return (
    <ConfirmDialog
      title="Revoke the badge?"
      action="Revoke"
      busy={revoke.isPending}
      problem={revoke.error && errorText(revoke.error)}
      onConfirm={() => revoke.mutate({ badgeId: badge.id })}
      onClose={onClose}
    >
      <p>Pages that show “{badge.label}” say that the badge was not found. A new one has another address.</p>
    </ConfirmDialog>
  );
}
