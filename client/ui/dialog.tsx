import { useId, type ReactNode } from 'react';
import { ModalDialog } from './modal-dialog.tsx';

/** A dialog with a title and buttons. Escape closes it. Mount it to open it. */
export function Dialog({
  title,
  children,
  actions,
  onClose,
}: {
  title: string;
  children: ReactNode;
  actions: ReactNode;
  onClose: () => void;
}) {
  const id = useId();
  return (
    <ModalDialog labelledBy={id} onClose={onClose}>
      <div className="p-5">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        <div className="mt-2 space-y-3 text-muted">{children}</div>
      </div>
      <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3.5">{actions}</div>
    </ModalDialog>
  );
}
