/** A link to a part of a page, in a row with a line below. */
export const pageTabClass =
  '-mb-px border-b-2 border-transparent px-3 py-2 text-sm font-medium text-muted hover:text-ink data-[status=active]:border-accent data-[status=active]:text-ink';
