import { Download } from 'lucide-react';
import { api } from '#client/query/trpc.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { CodeBlock } from '#client/ui/code-block.tsx';
import { plural } from '#client/ui/format.ts';

/** All that a run of a suite took in place of its baselines, as one archive; nothing if no comparison failed. */
export default function NewBaselines({ runId }: { runId: string }) {
  const { data } = api.snapshots.ofRun.useQuery({ runId });
  if (!data || data.items.length === 0) return null;
  const { items, commands } = data;
  return (
    <section aria-label="New baselines" className="space-y-3 p-4 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="font-medium">{plural(items.length, 'comparison')} with baselines failed</p>
        <a
          href={`/artifacts/${runId}/new-baselines.tar.gz`}
          download="new-baselines.tar.gz"
          className={buttonClass('secondary', 'sm')}
        >
          <Download aria-hidden className="size-4" /> Download all as new baselines
        </a>
      </div>
      <p className="text-muted">
        Unpack the archive in the folder with the suite’s lock file (<code>tar -xzf new-baselines.tar.gz</code>), or
        take them there:
      </p>
      <CodeBlock label="Command" code={commands.join('\n')} />
    </section>
  );
}
