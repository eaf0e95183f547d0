import { Download, FileText, Link2, Share2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { isTerminal } from '#shared/run-status.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { toast } from '#client/ui/toast.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { runAsMarkdown } from './run-markdown.ts';

const ShareDialog = lazy(() => import('#client/runs/share-links/share-dialog.tsx'));

const DownloadDialog = lazy(() => import('./download-dialog.tsx'));

/** Share links, downloads, and copies of the address of what is shown and of the run as Markdown. */
export default function ShareRun({ run }: { run: Outputs['runs']['byId'] }) {
  const [open, setOpen] = useState<'share' | 'download'>();
  const mayEdit = useMayEdit();
  const isGuest = useIsGuest();
  const close = () => setOpen(undefined);
  return (
    <>
      {mayEdit && (
        <Button variant="ghost" size="sm" title="Share" onClick={() => setOpen('share')}>
          <Share2 aria-hidden className="size-4" /> <span className="max-xl:sr-only">Share</span>
        </Button>
      )}
      {isTerminal(run.status) && !isGuest && (
        <Button variant="ghost" size="sm" title="Download" onClick={() => setOpen('download')}>
          <Download aria-hidden className="size-4" /> <span className="max-xl:sr-only">Download</span>
        </Button>
      )}
      <CopyRun run={run} />
      <Suspense>
        {open === 'share' && <ShareDialog runId={run.id} onClose={close} />}
        {open === 'download' && <DownloadDialog runId={run.id} onClose={close} />}
      </Suspense>
    </>
  );
}

/** Nothing where the page may not use the clipboard. */
function CopyRun({ run }: { run: Outputs['runs']['byId'] }) {
  const { client } = api.useUtils();
  // Browsers offer the clipboard to secure origins only.
  if (!globalThis.navigator.clipboard) return null;
  const copyLink = async () => {
    await navigator.clipboard.writeText(location.href);
    toast.success('The link is copied', { description: 'It leads to what you see now: test, attempt, step and line.' });
  };
  const copyMarkdown = async () => {
    const { items } = await client.runs.cases.query({
      runId: run.id,
      status: ['failed', 'timed_out', 'interrupted', 'flaky'],
      limit: 50,
    });
    await navigator.clipboard.writeText(runAsMarkdown(run, items, location.origin + location.pathname));
    toast.success('The run is copied as Markdown');
  };
  return (
    <>
      <Button variant="ghost" size="sm" title="Copy link" onClick={() => void copyLink()}>
        <Link2 aria-hidden className="size-4" /> <span className="max-xl:sr-only">Copy link</span>
      </Button>
      <Button
        variant="ghost"
        size="sm"
        title="Copy as Markdown"
        onClick={() => void copyMarkdown().catch(() => void toast.error('The run could not be copied'))}
      >
        <FileText aria-hidden className="size-4" /> <span className="max-xl:sr-only">Copy as Markdown</span>
      </Button>
    </>
  );
}
