import { Unplug } from 'lucide-react';
import { Button } from '#client/ui/button.tsx';

const explanations = {
  reconnecting: 'Live updates are interrupted. You see the last known state; Runlight keeps trying to reconnect.',
  polling: 'Live updates do not get through. Runlight reads states every few seconds; output follows later.',
  offline: 'You are offline. You see the last known state.',
  lost: 'The server refused live updates. This page may be out of date.',
};

/** Says why live updates are missing, and has a button that tries again at once. */
export function LostStream({
  reason = 'lost',
  onReconnect,
}: {
  reason?: keyof typeof explanations;
  onReconnect: () => void;
}) {
  return (
    <div
      role="alert"
      className="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-warn-line bg-warn-tint px-3.5 py-2 text-sm text-warn"
    >
      <Unplug aria-hidden className="size-4 shrink-0" />
      <span className="flex-1">{explanations[reason]}</span>
      <Button size="sm" onClick={onReconnect}>
        Try now
      </Button>
    </div>
  );
}
