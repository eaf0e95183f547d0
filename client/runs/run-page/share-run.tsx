import { FileText, Link2 } from 'lucide-react';
import { toast } from '#client/ui/toast.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { runAsMarkdown } from './run-markdown.ts';

/** Copies the address of what is shown, and the run as Markdown. Nothing where the page may not use the clipboard. */
export default function ShareRun({ run }: { run: Outputs['runs']['byId'] }) {
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
    await navigator.clipboard.writeText(runAsMarkdown(run, items, `${location.origin}/runs/${run.id}`));
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
