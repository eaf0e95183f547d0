import { useEffect, useId, useRef, type ReactNode } from 'react';

/** A question in front of the page; Escape answers like the button that closes it. Mount it to open it. */
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
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-auto w-[calc(100%-2rem)] max-w-md rounded-xl border border-line bg-raised p-0 text-ink shadow-2xl"
    >
      <div className="p-5">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        <div className="mt-2 space-y-3 text-muted">{children}</div>
      </div>
      <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3.5">{actions}</div>
    </dialog>
  );
}
