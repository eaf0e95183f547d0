import { CopyButton } from './copy-button.tsx';

/** Lines to copy, and where they belong. */
export function CodeBlock({
  label,
  place = label,
  code,
}: {
  /** What the lines are, for screen readers and the copy button. */
  label: string;
  /** Above the lines, such as the name of a file. */
  place?: string | undefined;
  code: string;
}) {
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex min-h-9 items-center justify-between gap-3 border-b border-line py-0.5 pr-1 pl-3.5 text-[0.8125rem] text-muted">
        <span className="min-w-0 wrap-anywhere">{place}</span>
        <CopyButton label={`Copy ${label}`} text={() => code} />
      </figcaption>
      <pre
        tabIndex={0}
        aria-label={label}
        className="overflow-x-auto px-3.5 py-2.5 font-mono text-[0.8125rem] leading-5 focus-visible:-outline-offset-2"
      >
        {code}
      </pre>
    </figure>
  );
}
