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
import type { KeyboardEvent } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { formatBytes } from '#client/ui/format.ts';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import type { ArtifactKind } from '#shared/events.ts';

type Run = Pick<Outputs['runs']['byId'], 'artifacts' | 'tests'>;
type Artifact = Run['artifacts'][number];

const icons: Record<ArtifactKind, LucideIcon> = {
  report: FileChartColumn,
  trace: Telescope,
  video: Film,
  screenshot: Image,
  log: FileText,
};

/** Screenshots as a gallery, videos to play, traces to open in Playwright's viewer, and the rest to download. */
export default function RunArtifacts({
  run,
  opened,
  onOpen,
}: {
  run: Run;
  /** Id of the enlarged screenshot. */
  opened: string | undefined;
  onOpen: (artifactId: string | undefined) => void;
}) {
  const screenshots = run.artifacts.filter(({ kind }) => kind === 'screenshot');
  const videos = run.artifacts.filter(({ kind }) => kind === 'video');
  const files = run.artifacts.filter(({ kind }) => kind !== 'screenshot' && kind !== 'video');
  const large = screenshots.findIndex(({ id }) => id === opened);
  const frame = 'aspect-video w-full rounded-lg border border-line bg-sunken object-contain';
  return (
    <div className="space-y-5 p-4">
      {screenshots.length + videos.length > 0 && (
        <ul aria-label="Screenshots and videos" className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
          {screenshots.map((artifact) => (
            <li key={artifact.id}>
              <button
                type="button"
                onClick={() => onOpen(artifact.id)}
                className="block w-full cursor-zoom-in rounded-lg"
                aria-label={`Show ${caption(run, artifact)} large`}
              >
                <img src={artifact.path} alt={caption(run, artifact)} loading="lazy" className={frame} />
              </button>
              <Caption run={run} artifact={artifact} />
            </li>
          ))}
          {videos.map((artifact) => (
            <li key={artifact.id}>
              {/* Videos of tests have no speech, so there are no captions. */}
              <video
                src={artifact.path}
                controls
                preload="metadata"
                aria-label={caption(run, artifact)}
                className={frame}
              />
              <Caption run={run} artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
      <ul aria-label="Files" className="divide-y divide-line text-sm">
        {files.map((artifact) => {
          const Icon = icons[artifact.kind];
          return (
            <li key={artifact.id} className="flex min-h-10 flex-wrap items-center gap-x-3 py-1">
              <Icon aria-hidden className="size-4 shrink-0 text-muted" />
              <a href={artifact.path} target="_blank" rel="noreferrer" className="link min-w-0 flex-1 truncate">
                {caption(run, artifact)}
              </a>
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
      {large !== -1 && <Lightbox run={run} images={screenshots} index={large} onOpen={onOpen} />}
    </div>
  );
}

function Lightbox({
  run,
  images,
  index,
  onOpen,
}: {
  run: Run;
  images: Artifact[];
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
      label={caption(run, image)}
      onClose={() => onOpen(undefined)}
      className="m-auto h-fit max-h-[calc(100dvh-2rem)] max-w-6xl"
    >
      <div onKeyDown={onKeyDown} role="presentation" className="flex max-h-[calc(100dvh-2rem)] flex-col">
        <div className="flex items-center gap-2 border-b border-line px-3 py-2 text-sm">
          <span className="min-w-0 flex-1 truncate font-medium">{caption(run, image)}</span>
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
          <img src={image.path} alt={caption(run, image)} className="mx-auto block max-w-full" />
        </div>
      </div>
    </ModalDialog>
  );
}

function Caption({ run, artifact }: { run: Run; artifact: Artifact }) {
  return (
    <p className="mt-1.5 truncate text-sm text-muted">
      {caption(run, artifact)} · {formatBytes(artifact.bytes)}
    </p>
  );
}

/** URL of the trace in Playwright's viewer, which the server serves. */
function traceViewer(tracePath: string): string {
  return `/trace-viewer/index.html?trace=${encodeURIComponent(new URL(tracePath, location.href).href)}`;
}

function caption(run: Run, artifact: Artifact): string {
  const test =
    artifact.position === null ? undefined : run.tests.find(({ position }) => position === artifact.position);
  const name = artifact.kind === 'report' ? 'Report' : artifact.name;
  return test && run.tests.length > 1 ? `${test.name}: ${name}` : name;
}
