/** The URL of a stream that goes on after this event. */
export function withLastEventId(url: string, lastEventId: string): string {
  if (lastEventId === '') return url;
  const { path, params } = split(url);
  params.set('lastEventId', lastEventId);
  return `${path}?${params}`;
}

/** A stream's URL without the event id in its input: the same for all tabs that follow the stream. */
export function withoutLastEventId(url: string): { url: string; lastEventId: string } {
  if (!url.includes('?')) return { url, lastEventId: '' };
  const { path, params } = split(url);
  const { lastEventId, ...input } = JSON.parse(params.get('input') ?? '{}') as { lastEventId?: string | null };
  params.set('input', JSON.stringify(input));
  return { url: `${path}?${params}`, lastEventId: lastEventId ?? '' };
}

function split(url: string): { path: string; params: URLSearchParams } {
  const end = url.includes('?') ? url.indexOf('?') : url.length;
  return { path: url.slice(0, end), params: new URLSearchParams(url.slice(end)) };
}
