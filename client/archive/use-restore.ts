import { type ApiError, errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { toast } from '#client/ui/toast.ts';

export type Archivable = { testId: string } | { jobId: string } | { suiteId: string };

/** Restores what is archived, and offers it in a toast after it was archived. */
export function useRestore() {
  const utils = api.useUtils();
  const handlers = {
    onSuccess: ({ name }: { name: string }) => {
      void utils.tests.invalidate();
      void utils.jobs.invalidate();
      void utils.suites.invalidate();
      toast.success(`“${name}” is back`);
    },
    onError: (error: ApiError) => void toast.error('It was not restored', { description: errorText(error) }),
  };
  const test = api.tests.restore.useMutation(handlers);
  const job = api.jobs.restore.useMutation(handlers);
  const suite = api.suites.restore.useMutation(handlers);
  const restore = (thing: Archivable) => {
    if ('testId' in thing) test.mutate(thing);
    else if ('jobId' in thing) job.mutate(thing);
    else suite.mutate(thing);
  };
  return {
    restore,
    busy: test.isPending || job.isPending || suite.isPending,
    /** `things` were archived under this name. */
    offerUndo(name: string, things: readonly Archivable[]) {
      toast.info(`${name} archived`, {
        duration: 10_000,
        action: { label: 'Undo', onClick: () => things.forEach(restore) },
      });
    },
  };
}
