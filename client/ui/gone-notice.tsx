import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** Says that what an address leads to is not there. */
export function GoneNotice({ children, onClose }: { children: ReactNode; onClose?: () => void }) {
  return (
    <div className="flex items-center gap-2 border-b border-warn-line bg-warn-tint px-4 py-1.5 text-sm text-warn">
      <p role="status" className="min-w-0 flex-1">
        {children}
      </p>
      {onClose && (
        <Button variant="ghost" size="sm" title="Close" onClick={onClose}>
          <X aria-hidden className="size-4" />
          <span className="sr-only">Close</span>
        </Button>
      )}
    </div>
  );
}
