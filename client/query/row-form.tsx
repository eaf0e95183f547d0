import type { ReactNode } from 'react';
import { Button } from '#client/ui/button.tsx';
import { Refusal } from './refusal.tsx';
import type { ApiError } from './api-error.ts';

/** A form with its fields in a row, its button at the end and a refusal below. */
export function RowForm({
  action,
  mutation,
  onSubmit,
  children,
}: {
  /** The label of the button. */
  action: string;
  mutation: { isPending: boolean; error: ApiError | null };
  onSubmit: () => void;
  children: ReactNode;
}) {
  return (
    <>
      <form
        className="flex flex-wrap items-start gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <Button type="submit" variant="primary" className="max-sm:self-end sm:mt-[1.6875rem]" busy={mutation.isPending}>
          {action}
        </Button>
      </form>
      <div className="px-4 pb-4 not-has-[[role=alert]]:hidden">
        <Refusal error={mutation.error} />
      </div>
    </>
  );
}
