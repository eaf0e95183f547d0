import { useLayoutEffect, useRef, type ReactNode } from 'react';

/**
 * A modal box. Escape and a click outside close it, and the focus returns to where it was. Mount it to open it. Its
 * accessible name is `label` or the text of the element `labelledBy`.
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

  // A layout effect, so that it opens before effects of `children` set the focus.
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
        // Only a click on the backdrop has the dialog itself as its target: the content covers the rest.
        if (event.target === ref.current) onClose();
      }}
      className={`mx-auto w-[calc(100%-2rem)] overflow-hidden rounded-xl border border-line-strong bg-raised p-0 text-ink shadow-2xl ${className}`}
    >
      {children}
    </dialog>
  );
}
