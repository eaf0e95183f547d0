import type { ReactNode } from 'react';
import { CircleCheck, CircleX } from 'lucide-react';
import { Toaster as Sonner } from 'sonner';

/** The corner of the window in which toasts appear. Load it lazily; toasts from before are shown, too. */
export default function Toaster({ theme }: { theme: 'light' | 'dark' }): ReactNode {
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      mobileOffset={{ bottom: '4.5rem' }}
      closeButton
      expand
      duration={5_000}
      icons={{
        success: <CircleCheck aria-hidden className="size-5 text-good" />,
        error: <CircleX aria-hidden className="size-5 text-bad" />,
      }}
    />
  );
}
