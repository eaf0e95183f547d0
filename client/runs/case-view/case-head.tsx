import { X } from 'lucide-react';
import type { Outputs } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { CopyButton, CopyLink } from '#client/ui/copy-button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import { Elapsed } from '#client/ui/time.tsx';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';
import { CaseIcon } from '#client/runs/status/case-icon.tsx';

type RunCase = Outputs['runs']['case'];

/** Where the case stands in its file, its title, and how it did in the run. */
export function CaseHead({
  found,
  kind,
  small,
  address,
  onClose,
}: {
  found: RunCase;
  kind: CaseKind;
  small: boolean;
  address: string | undefined;
  onClose: (() => void) | undefined;
}) {
  const { label, tone, icon: Icon } = caseKindLook[kind];
  const name = found.titlePath.at(-1) ?? found.script ?? found.title;
  const place = found.line === null ? '' : `:${found.line}`;
  const around = found.file
    ? [`${found.file}${place}`, ...found.titlePath.slice(0, -1)]
    : [found.script, ...found.titlePath.slice(0, -1)].filter(Boolean);
  if (found.titlePath.length === 0) around.length = 0;
  return (
    <header className="flex items-start gap-3 border-b border-line px-4 py-3">
      <div className="min-w-0 flex-1">
        {around.length > 0 && (
          <p className="text-xs wrap-anywhere text-muted">
            <bdi>{around.join(' › ')}</bdi>
            {!found.file && place}
          </p>
        )}
        <h2 className="text-base leading-6 font-semibold wrap-anywhere">
          {small && (
            <span className="mr-1.5 inline-block align-[-0.1875rem]">
              <CaseIcon kind={kind} />
            </span>
          )}
          <bdi>{name}</bdi>
        </h2>
        <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
          {!small && (
            <Badge
              tone={tone}
              icon={<Icon aria-hidden className={`size-3.5 ${kind === 'running' ? 'animate-spin' : ''}`} />}
            >
              {label}
            </Badge>
          )}
          <Duration found={found} kind={kind} />
          {found.project && <span className="text-muted">{found.project}</span>}
          {found.tags.map((tag) => (
            <span key={tag} className="rounded-sm bg-sunken px-1.5 text-muted">
              {tag}
            </span>
          ))}
        </p>
      </div>
      {address !== undefined && <CopyLink label="Copy link to the test" address={address} />}
      {!small && found.command && <CopyButton label="Copy the command that runs it" text={() => found.command ?? ''} />}
      {onClose && (
        <Button variant="ghost" size="icon" aria-label="Close the test" title="Back to the run" onClick={onClose}>
          <X aria-hidden className="size-5" />
        </Button>
      )}
    </header>
  );
}

function Duration({ found: { duration, medianDuration, startedAt }, kind }: { found: RunCase; kind: CaseKind }) {
  if (kind === 'running') return startedAt && <Elapsed since={startedAt} />;
  if (duration === null) return null;
  return (
    <span className="text-muted tabular-nums">
      {formatDuration(duration)}
      {medianDuration !== null && ` · usually ${formatDuration(medianDuration)}`}
    </span>
  );
}
