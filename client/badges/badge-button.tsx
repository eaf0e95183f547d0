import { BadgeCheck } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import type { BadgeOwner } from './badge-owner.ts';

const BadgeDialog = lazy(() => import('./badge-dialog.tsx'));

/** Opens the status badges of a test, a job or a suite, for those who may make them. */
export default function BadgeButton({ of: owner }: { of: BadgeOwner }) {
  const [isOpen, setOpen] = useState(false);
  if (!useMayEdit()) return null;
  return (
    <>
      <Button variant="ghost" size="sm" onClick={() => setOpen(true)}>
        <BadgeCheck aria-hidden className="size-4" /> Badge
      </Button>
      <Suspense>{isOpen && <BadgeDialog of={owner} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
