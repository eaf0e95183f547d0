import { type ReactNode, useState } from 'react';

/** A part of the page of a case, which folds. `fills`: it takes the height that is left, and some in any case. */
export function CasePart({ title, fills = false, children }: { title: string; fills?: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(true);
  return (
    <section
      aria-label={title}
      className={`border-t border-line first-of-type:border-t-0 ${fills && open ? 'flex min-h-80 flex-col lg:h-0 lg:grow' : ''}`}
    >
      <h3>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-h-9 w-full items-center px-4 text-left text-sm font-semibold hover:bg-hover focus-visible:-outline-offset-2"
        >
          {title}
        </button>
      </h3>
      {open && children}
    </section>
  );
}
