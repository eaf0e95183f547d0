/** A progress bar of coloured parts. While `live`, a pulse shows that the rest is under way. */
export function ProgressBar({
  label,
  total,
  parts,
  live,
}: {
  label: string;
  total: number;
  parts: { count: number; className: string }[];
  live: boolean;
}) {
  const done = parts.reduce((sum, part) => sum + part.count, 0);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${done} of ${total}`}
      className="relative flex h-1.5 gap-0.5 overflow-hidden rounded-full bg-line"
    >
      {parts.map(
        (part) =>
          part.count > 0 && (
            <div key={part.className} className={part.className} style={{ width: `${(100 * part.count) / total}%` }} />
          ),
      )}
      {live && done < total && <div className="h-full w-1/4 animate-progress rounded-full bg-busy opacity-60" />}
    </div>
  );
}
