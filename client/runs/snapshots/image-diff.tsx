import { useState } from 'react';
import type { ComparedSnapshot } from './compared-snapshots.ts';

const views = { slider: 'Slider', sides: 'Side by side', diff: 'Difference' } as const;
type View = keyof typeof views;

const labels = { expected: 'Baseline', actual: 'Taken', diff: 'Difference', previous: 'Taken before' } as const;
type Role = keyof typeof labels;

const frame = 'max-h-[70dvh] max-w-full rounded-lg border border-line bg-sunken object-contain';

/** The pictures of a comparison: one over the other with a slider, beside each other, or what differs. */
export function ImageDiff({ snapshot: { path, files } }: { snapshot: ComparedSnapshot }) {
  const [view, setView] = useState<View>('slider');
  const { expected, actual } = files;
  const picture = (role: Role) =>
    files[role] && (
      <figure key={role} className="min-w-0">
        <figcaption className="mb-1 text-sm text-muted">{labels[role]}</figcaption>
        <img src={files[role].path} alt={`${labels[role]}: ${path}`} loading="lazy" className={frame} />
      </figure>
    );
  if (!expected || !actual) return picture('actual') ?? null;
  return (
    <div>
      <div role="group" aria-label={`How to compare ${path}`} className="mb-2 flex flex-wrap gap-1 text-sm">
        {(Object.keys(views) as View[])
          .filter((it) => it !== 'diff' || files.diff)
          .map((it) => (
            <button
              key={it}
              type="button"
              aria-pressed={view === it}
              onClick={() => setView(it)}
              className={`min-h-8 rounded-md px-2.5 ${view === it ? 'bg-chosen' : 'text-muted hover:bg-hover hover:text-ink'}`}
            >
              {views[it]}
            </button>
          ))}
      </div>
      {view === 'slider' && <Slider path={path} before={expected.path} after={actual.path} />}
      {view === 'sides' && (
        <div className="grid items-start gap-3 sm:grid-cols-2">
          {(['expected', 'actual', 'previous'] as const).map(picture)}
        </div>
      )}
      {view === 'diff' && picture('diff')}
    </div>
  );
}

/** The baseline to the left of the handle, and what was taken to the right of it. */
function Slider({ path, before, after }: { path: string; before: string; after: string }) {
  const [percent, setPercent] = useState(50);
  return (
    <div className="w-fit max-w-full">
      <div className="relative w-fit max-w-full overflow-hidden rounded-lg border border-line bg-sunken">
        <img src={after} alt={`${labels.actual}: ${path}`} className="block max-h-[70dvh] max-w-full" />
        <img
          src={before}
          alt={`${labels.expected}: ${path}`}
          style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
          className="absolute top-0 left-0 block max-h-[70dvh] max-w-full"
        />
        <span aria-hidden style={{ left: `${percent}%` }} className="absolute inset-y-0 w-px bg-accent" />
      </div>
      <label className="mt-1.5 flex items-center gap-2 text-sm text-muted">
        {labels.expected}
        <input
          type="range"
          min={0}
          max={100}
          value={percent}
          aria-label={`How much of the baseline of ${path} is shown`}
          aria-valuetext={`${percent} %`}
          onChange={(event) => setPercent(Number(event.target.value))}
          className="min-h-8 flex-1 accent-accent"
        />
        {labels.actual}
      </label>
    </div>
  );
}
