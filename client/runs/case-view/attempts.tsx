import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { CopyLink } from '#client/ui/copy-button.tsx';
import { CaseIcon } from '#client/runs/status/case-icon.tsx';

/** A tab for each attempt. Playwright tries again only after a failure, so all but the last have failed. */
export function Attempts({
  last,
  kind,
  chosen,
  onChoose,
  address,
}: {
  last: number;
  kind: CaseKind;
  chosen: number;
  onChoose: (attempt: number | undefined) => void;
  /** Of the chosen one. */
  address: string | undefined;
}) {
  return (
    <div role="group" aria-label="Attempts" className="flex flex-wrap gap-1 border-b border-line px-3 py-1.5">
      {Array.from({ length: last }, (_, place) => {
        const attempt = place + 1;
        const lastKind = kind === 'flaky' ? 'passed' : kind;
        return (
          <button
            key={attempt}
            type="button"
            aria-pressed={attempt === chosen}
            onClick={() => onChoose(attempt === last ? undefined : attempt)}
            className={`inline-flex min-h-8 items-center gap-1.5 rounded-md px-2.5 text-sm ${attempt === chosen ? 'bg-chosen font-medium' : 'text-muted hover:bg-hover hover:text-ink'}`}
          >
            <CaseIcon kind={attempt === last ? lastKind : 'failed'} /> Attempt {attempt}
          </button>
        );
      })}
      {address !== undefined && (
        <CopyLink label={`Copy link to attempt ${chosen}`} address={address} className="ml-auto" />
      )}
    </div>
  );
}
