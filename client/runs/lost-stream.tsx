import { Unplug } from 'lucide-react';
import { Button } from '#client/ui/button.tsx';

/** Says that the page no longer follows what it shows, and offers to follow again. */
export function LostStream({ onReconnect }: { onReconnect: () => void }) {
  return (
    <div
      role="alert"
      className="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-warn-line bg-warn-tint px-3.5 py-2 text-sm text-warn"
    >
      <Unplug aria-hidden className="size-4 shrink-0" />
      <span className="flex-1">Live updates were lost. What you see may be out of date.</span>
      <Button size="sm" onClick={onReconnect}>
        Reconnect
      </Button>
    </div>
  );
}
