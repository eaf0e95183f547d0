type Connection = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'lost';

const looks: Record<Connection, { label: string; dot: string; text: string }> = {
  connecting: { label: 'Connecting', dot: 'bg-line-strong', text: 'text-muted' },
  live: { label: 'Live', dot: 'bg-good', text: 'text-muted' },
  reconnecting: { label: 'Reconnecting', dot: 'bg-warn animate-pulse', text: 'text-warn' },
  polling: { label: 'Polling', dot: 'bg-warn', text: 'text-warn' },
  offline: { label: 'Offline', dot: 'bg-bad', text: 'text-bad' },
  lost: { label: 'Disconnected', dot: 'bg-bad', text: 'text-bad' },
};

/** The state of the connection for live updates: only a dot while it works. */
export function ConnectionState({ connection }: { connection: Connection }) {
  const { label, dot, text } = looks[connection];
  const quiet = connection === 'live' || connection === 'connecting';
  return (
    <span role="status" aria-label="Connection" title={label} className={`flex items-center gap-2 text-sm ${text}`}>
      <span aria-hidden className={`size-2 shrink-0 rounded-full ${dot}`} />
      <span className={quiet ? 'sr-only' : 'max-sm:sr-only'}>{label}</span>
    </span>
  );
}
