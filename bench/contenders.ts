import { accessToken } from './serving.ts';

export const contenderNames = [
  'bare',
  'handwritten',
  'stock',
  'better-sse',
  'socket.io',
  'traced',
  'runlight',
] as const;
export type ContenderName = (typeof contenderNames)[number];

export const labels: Record<ContenderName, string> = {
  bare: 'bare `res.write`',
  handwritten: 'hand-written endpoint',
  stock: 'stock tRPC adapter',
  'better-sse': 'better-sse',
  'socket.io': 'socket.io + Redis adapter',
  traced: 'Runlight, OpenTelemetry on',
  runlight: '**Runlight**',
};

/** What a client of the contender sends to watch a run. */
export function watchRequest(name: ContenderName, port: number, runId: string): string {
  const lines = ['accept: text/event-stream'];
  let path = `/events/${runId}`;
  if (name === 'runlight' || name === 'traced' || name === 'stock') {
    path = `/api/trpc/runs.onStatus?input=${encodeURIComponent(JSON.stringify({ runId }))}`;
    lines.push(`authorization: Bearer ${accessToken}`);
  }
  if (name === 'socket.io') {
    path = `/socket.io/?EIO=4&transport=websocket&run=${runId}`;
    lines.splice(0, 1, 'upgrade: websocket', 'connection: Upgrade', 'sec-websocket-version: 13');
    lines.push('sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==');
  }
  return [`GET ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`, ...lines, '', ''].join('\r\n');
}
