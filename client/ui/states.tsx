import { CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** Says that there is nothing to show, and what to do about it. `heading` is `h1` if it fills a whole page. */
export function EmptyState({
  icon,
  title,
  heading: Heading = 'h2',
  children,
}: {
  icon?: ReactNode;
  title: string;
  heading?: 'h1' | 'h2';
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      {icon && (
        <div aria-hidden className="mb-4 rounded-full border border-line bg-sunken p-3.5 text-muted">
          {icon}
        </div>
      )}
      <Heading className="text-base font-semibold">{title}</Heading>
      <div className="mt-1 flex max-w-md flex-col items-center gap-5 text-muted">{children}</div>
    </div>
  );
}

/** Says what could not be loaded and why, with a button to try again. `heading` is `h1` if it fills a whole page. */
export function ErrorState({
  title,
  heading: Heading = 'h2',
  cause,
  onRetry,
}: {
  title: string;
  heading?: 'h1' | 'h2';
  cause: string;
  onRetry?: () => void;
}) {
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      <CircleAlert aria-hidden className="mb-3 size-7 text-bad" />
      <Heading className="text-base font-semibold">{title}</Heading>
      <p className="mt-1 max-w-lg break-words text-muted">{cause}</p>
      {onRetry && (
        <Button className="mt-5" onClick={onRetry}>
          <RotateCw aria-hidden className="size-4" /> Try again
        </Button>
      )}
    </div>
  );
}

/** Grey bars in place of content that is loading. */
export function Skeleton({ label, rows = 5, className = '' }: { label: string; rows?: number; className?: string }) {
  return (
    <div role="status" className={`animate-pulse divide-y divide-line ${className}`}>
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} aria-hidden className="flex items-center gap-4 px-4 py-4">
          <div className="h-4 rounded bg-line" style={{ width: `${[38, 26, 44, 32, 22][row % 5]}%` }} />
          <div className="ml-auto h-4 w-20 rounded-full bg-line" />
        </div>
      ))}
    </div>
  );
}

/** Says why the user's last action failed, or why one is not possible. */
export function Alert({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border border-bad-line bg-bad-tint px-3.5 py-2.5 text-sm text-bad">
      {children}
    </div>
  );
}
