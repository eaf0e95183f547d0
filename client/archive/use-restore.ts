import { toast } from 'sonner';
import { type ApiError, errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';

/** Restores archived tests and jobs, and offers it in a toast after they were archived. */
export function useRestore() {
  const utils = api.useUtils();
  const handlers = {
    onSuccess: ({ name }: { name: string }) => {
      void utils.tests.invalidate();
      void utils.jobs.invalidate();
      toast.success(`“${name}” is back`);
    },
    onError: (error: ApiError) => void toast.error('It was not restored', { description: errorText(error) }),
  };
  const test = api.tests.restore.useMutation(handlers);
  const job = api.jobs.restore.useMutation(handlers);
  return {
    test,
    job,
    /** `things` were archived under this name. */
    offerUndo(name: string, things: { testIds?: readonly string[]; jobIds?: readonly string[] }) {
      toast.info(`${name} archived`, {
        duration: 10_000,
        action: {
          label: 'Undo',
          onClick: () => {
            for (const testId of things.testIds ?? []) test.mutate({ testId });
            for (const jobId of things.jobIds ?? []) job.mutate({ jobId });
          },
        },
      });
    },
  };
}
