import { ExternalLink } from 'lucide-react';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { CodeBlock } from '#client/ui/code-block.tsx';
import { plural } from '#client/ui/format.ts';
import { ModalDialog } from '#client/ui/modal-dialog.tsx';
import { Alert, Skeleton } from '#client/ui/states.tsx';
import type { RunSummary } from '#shared/events.ts';

/** How to run a reported run again: it starts where the files of its suite are. */
export default function RetryDialog({
  run,
  onClose,
}: {
  run: Pick<RunSummary, 'id' | 'name' | 'buildUrl'>;
  onClose: () => void;
}) {
  const query = api.runs.retryCommand.useQuery({ runId: run.id });
  return (
    <ModalDialog label="Run it again" onClose={onClose} className="m-auto max-w-2xl">
      <div className="max-h-[75dvh] space-y-3 overflow-y-auto p-5 text-muted">
        <h2 className="text-lg font-semibold text-ink">Run it again</h2>
        <p>
          The files of “{run.name}” are where it ran, so it starts there.{' '}
          {query.data && query.data.cases > 0
            ? `This runs again what did not pass: ${plural(query.data.cases, 'case')}.`
            : query.data && 'Nothing in it failed; this runs all of it.'}
        </p>
        {query.isPending && <Skeleton label="Loading the commands" rows={1} />}
        {query.isError && <Alert>{errorText(query.error)}</Alert>}
        {query.data?.commands.map(({ project, command }) => (
          <CodeBlock
            key={project}
            label={project === null ? 'the command' : `the command for ${project}`}
            place={project ?? 'Terminal'}
            code={command}
          />
        ))}
        <p>
          In a CI, run the failed jobs of the build again. The new run is linked to this one and expects only the shards
          that had not passed.
        </p>
      </div>
      <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3.5">
        {run.buildUrl !== null && (
          <a href={run.buildUrl} target="_blank" rel="noreferrer" className={buttonClass('secondary')}>
            <ExternalLink aria-hidden className="size-4" /> Open the build
          </a>
        )}
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </ModalDialog>
  );
}
