import { Film, FileText, Image, Telescope, FileChartColumn, type LucideIcon } from 'lucide-react';
import type { Outputs } from '#client/trpc.ts';
import { formatBytes } from '#client/ui/format.ts';
import type { ArtifactKind } from '#shared/events.ts';

type Artifact = Outputs['runs']['byId']['artifacts'][number];
type Run = Pick<Outputs['runs']['byId'], 'artifacts' | 'tests' | 'reportPath'>;

const icons: Record<ArtifactKind, LucideIcon> = {
  report: FileChartColumn,
  trace: Telescope,
  video: Film,
  screenshot: Image,
  log: FileText,
};

/** Screenshots and videos to look at, everything else to open. */
export function RunArtifacts({ run }: { run: Run }) {
  const seen = run.artifacts.filter((artifact) => isSeen(artifact));
  const linked = run.artifacts.filter((artifact) => !isSeen(artifact));
  return (
    <div className="space-y-4 p-4">
      {seen.length > 0 && (
        <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          {seen.map((artifact) => (
            <li key={artifact.id}>
              <figure>
                <Preview artifact={artifact} caption={caption(run, artifact)} />
                <figcaption className="mt-1.5 text-sm text-muted">
                  {caption(run, artifact)} · {formatBytes(artifact.bytes)}
                </figcaption>
              </figure>
            </li>
          ))}
        </ul>
      )}
      <ul className="divide-y divide-line text-sm">
        {linked.map((artifact) => {
          const Icon = icons[artifact.kind];
          return (
            <li key={artifact.id} className="flex items-center gap-3 py-2">
              <Icon aria-hidden className="size-4 shrink-0 text-muted" />
              <a href={artifact.path} target="_blank" rel="noreferrer" className="link min-w-0 truncate">
                {caption(run, artifact)}
              </a>
              {artifact.kind === 'trace' && run.reportPath && (
                <a
                  href={traceViewer(run.reportPath, artifact.path)}
                  target="_blank"
                  rel="noreferrer"
                  className="link shrink-0"
                >
                  View trace
                </a>
              )}
              <span className="ml-auto shrink-0 text-muted tabular-nums">{formatBytes(artifact.bytes)}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Preview({ artifact, caption }: { artifact: Artifact; caption: string }) {
  const frame = 'aspect-video w-full rounded-lg border border-line bg-sunken object-contain';
  if (artifact.kind === 'video') return <video src={artifact.path} controls preload="metadata" className={frame} />;
  return (
    <a href={artifact.path} target="_blank" rel="noreferrer" className="block">
      <img src={artifact.path} alt={caption} loading="lazy" className={frame} />
    </a>
  );
}

const isSeen = (artifact: Artifact) => artifact.kind === 'screenshot' || artifact.kind === 'video';

/** Playwright puts its trace viewer into every report of a run that left a trace. */
function traceViewer(reportPath: string, tracePath: string): string {
  const trace = new URL(tracePath, location.href).href;
  return `${reportPath.replace(/[^/]*$/, '')}trace/index.html?trace=${encodeURIComponent(trace)}`;
}

function caption(run: Run, artifact: Artifact): string {
  const test =
    artifact.position === null ? undefined : run.tests.find(({ position }) => position === artifact.position);
  const name = artifact.kind === 'report' ? 'Report' : artifact.name;
  return test && run.tests.length > 1 ? `${test.name}: ${name}` : name;
}
