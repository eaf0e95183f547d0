import {
  ChevronLeft,
  ChevronRight,
  ExternalLink,
  Film,
  FileText,
  FileChartColumn,
  Image,
  Telescope,
  X,
  type LucideIcon,
} from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { formatBytes } from '#client/ui/format.ts';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import type { ArtifactKind } from '#shared/events.ts';

export type Artifact = Omit<Outputs['runs']['case']['artifacts'][number], 'attempt'>;

const icons: Record<ArtifactKind, LucideIcon> = {
  report: FileChartColumn,
  trace: Telescope,
  video: Film,
  screenshot: Image,
  log: FileText,
};

/** Screenshots as a gallery, videos to play, traces to open in Playwright's viewer, and the rest to download. */
export default function ArtifactGallery({
  artifacts,
  opened,
  onOpen,
  inlineTraces = false,
}: {
  artifacts: readonly Artifact[];
  /** Id of the enlarged screenshot. */
  opened: string | undefined;
  onOpen: (artifactId: string | undefined) => void;
  /** Traces can be shown in place, too. */
  inlineTraces?: boolean;
}) {
  const [trace, setTrace] = useState<string | null>(null);
  const screenshots = artifacts.filter(({ kind }) => kind === 'screenshot');
  const videos = artifacts.filter(({ kind }) => kind === 'video');
  const files = artifacts.filter(({ kind }) => kind !== 'screenshot' && kind !== 'video');
  const large = screenshots.findIndex(({ id }) => id === opened);
  const frame = 'aspect-video w-full rounded-lg border border-line bg-sunken object-contain';
  return (
    <div className="space-y-3">
      {screenshots.length + videos.length > 0 && (
        <ul aria-label="Screenshots and videos" className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
          {screenshots.map((artifact) => (
            <li key={artifact.id}>
              <button
                type="button"
                onClick={() => onOpen(artifact.id)}
                className="block w-full cursor-zoom-in rounded-lg"
                aria-label={`Show ${captionOf(artifact)} large`}
              >
                <img src={artifact.path} alt={captionOf(artifact)} loading="lazy" className={frame} />
              </button>
              <Caption artifact={artifact} />
            </li>
          ))}
          {videos.map((artifact) => (
            <li key={artifact.id}>
              {/* Videos of tests have no speech, so there are no captions. */}
              <video
                src={artifact.path}
                controls
                preload="metadata"
                aria-label={captionOf(artifact)}
                className={frame}
              />
              <Caption artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
      {files.length > 0 && (
        <ul aria-label="Files" className="divide-y divide-line text-sm">
          {files.map((artifact) => {
            const Icon = icons[artifact.kind];
            return (
              <li key={artifact.id} className="flex min-h-10 flex-wrap items-center gap-x-3 py-1">
                <Icon aria-hidden className="size-4 shrink-0 text-muted" />
                <a href={artifact.path} target="_blank" rel="noreferrer" className="link min-w-0 flex-1 truncate">
                  {captionOf(artifact)}
                </a>
                {artifact.kind === 'trace' && inlineTraces && (
                  <Button
                    size="sm"
                    aria-pressed={trace === artifact.path}
                    className="max-sm:hidden"
                    onClick={() => setTrace(trace === artifact.path ? null : artifact.path)}
                  >
                    {trace === artifact.path ? 'Hide' : 'Show here'}
                  </Button>
                )}
                {artifact.kind === 'trace' && (
                  <a
                    href={traceViewer(artifact.path)}
                    target="_blank"
                    rel="noreferrer"
                    className={buttonClass('secondary', 'sm')}
                  >
                    <Telescope aria-hidden className="size-4" /> View trace
                  </a>
                )}
                <span className="w-16 shrink-0 text-right text-muted tabular-nums">{formatBytes(artifact.bytes)}</span>
              </li>
            );
          })}
        </ul>
      )}
      {trace && (
        // Playwright's viewer needs its origin for a service worker; it shows pages of tests in frames without scripts.
        // oxlint-disable-next-line react/iframe-missing-sandbox
        <iframe
          src={traceViewer(trace)}
          title="Trace"
          className="h-[75dvh] min-h-96 w-full rounded-lg border border-line bg-surface"
        />
      )}
      {large !== -1 && <Lightbox images={screenshots} index={large} onOpen={onOpen} />}
    </div>
  );
}

function Lightbox({
  images,
  index,
  onOpen,
}: {
  images: readonly Artifact[];
  index: number;
  onOpen: (artifactId: string | undefined) => void;
}) {
  const image = images[index];
  if (!image) return null;
  const move = (by: number) => onOpen(images[(index + by + images.length) % images.length]?.id);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') move(-1);
    if (event.key === 'ArrowRight') move(1);
  };
  return (
    <ModalDialog
      label={captionOf(image)}
      onClose={() => onOpen(undefined)}
      className="m-auto h-fit max-h-[calc(100dvh-2rem)] max-w-6xl"
    >
      <div onKeyDown={onKeyDown} role="presentation" className="flex max-h-[calc(100dvh-2rem)] flex-col">
        <div className="flex items-center gap-2 border-b border-line px-3 py-2 text-sm">
          <span className="min-w-0 flex-1 truncate font-medium">{captionOf(image)}</span>
          {images.length > 1 && (
            <>
              <span className="text-muted tabular-nums">
                {index + 1} of {images.length}
              </span>
              <Button variant="ghost" size="icon" aria-label="Previous screenshot" onClick={() => move(-1)}>
                <ChevronLeft aria-hidden className="size-5" />
              </Button>
              <Button variant="ghost" size="icon" aria-label="Next screenshot" onClick={() => move(1)}>
                <ChevronRight aria-hidden className="size-5" />
              </Button>
            </>
          )}
          <a
            href={image.path}
            target="_blank"
            rel="noreferrer"
            aria-label="Open in a new tab"
            className={buttonClass('ghost', 'icon')}
          >
            <ExternalLink aria-hidden className="size-4" />
          </a>
          <Button variant="ghost" size="icon" aria-label="Close" onClick={() => onOpen(undefined)}>
            <X aria-hidden className="size-5" />
          </Button>
        </div>
        <div className="min-h-0 flex-1 overflow-auto bg-sunken">
          <img src={image.path} alt={captionOf(image)} className="mx-auto block max-w-full" />
        </div>
      </div>
    </ModalDialog>
  );
}

function Caption({ artifact }: { artifact: Artifact }) {
  return (
    <p className="mt-1.5 truncate text-sm text-muted">
      {captionOf(artifact)} · {formatBytes(artifact.bytes)}
    </p>
  );
}

/** URL of the trace in Playwright's viewer, which the server serves. */
function traceViewer(tracePath: string): string {
  return `/trace-viewer/index.html?trace=${encodeURIComponent(new URL(tracePath, location.href).href)}`;
}

const captionOf = ({ kind, name }: Artifact): string => (kind === 'report' ? 'Report' : name);
