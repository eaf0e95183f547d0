import { useDebounced } from './use-debounced.ts';

type Connection = 'connecting' | 'live' | 'reconnecting' | 'lost';

const looks: Record<Connection, { label: string; dot: string; text: string }> = {
  connecting: { label: 'Connecting', dot: 'bg-line-strong', text: 'text-muted' },
  live: { label: 'Live', dot: 'bg-good', text: 'text-muted' },
  reconnecting: { label: 'Reconnecting', dot: 'bg-warn animate-pulse', text: 'text-warn' },
  lost: { label: 'Disconnected', dot: 'bg-bad', text: 'text-bad' },
};

/** Whether what is on screen follows the server. */
export function ConnectionState({ connection }: { connection: Connection }) {
  // Servers end long streams in order to renew them; an interruption of a moment is no news.
  const settled = useDebounced(connection, connection === 'reconnecting' ? 1_000 : 0);
  const { label, dot, text } = looks[settled];
  return (
    <span role="status" aria-label="Connection" className={`flex items-center gap-2 text-sm ${text}`}>
      <span aria-hidden className={`size-2 shrink-0 rounded-full ${dot}`} />
      <span className="max-sm:sr-only">{label}</span>
    </span>
  );
}
