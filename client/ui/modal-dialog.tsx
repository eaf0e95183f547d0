import { useLayoutEffect, useRef, type ReactNode } from 'react';

/**
 * A box in front of the page, which Escape and a click beside it close; the focus returns to where it was. Mount it to
 * open it. Named by `label` or by the element `labelledBy`.
 */
export function ModalDialog({
  label,
  labelledBy,
  onClose,
  className = 'm-auto max-w-md',
  children,
}: {
  label?: string;
  labelledBy?: string;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);

  // Before the effects of what is inside, which may want the focus.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    if (!dialog?.open) dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={ref}
      aria-label={label}
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        // The backdrop belongs to the dialog; whatever is inside covers the dialog itself.
        if (event.target === ref.current) onClose();
      }}
      className={`mx-auto w-[calc(100%-2rem)] overflow-hidden rounded-xl border border-line-strong bg-raised p-0 text-ink shadow-2xl ${className}`}
    >
      {children}
    </dialog>
  );
}
