import { shareHeader } from '#shared/share-links.ts';
import { createTestClient } from './client.ts';

/** Opens a share link as a browser does, and returns the guest's client. `path` is that of `shareLinks.create`. */
export async function openShareLink(app: { url: string }, path: string) {
  const response = await fetch(`${app.url}/api/shared-runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: path.replace('/shared/', '') }),
  });
  if (!response.ok) throw new Error(`The link was refused: ${response.status} ${await response.text()}`);
  const [setCookie = ''] = response.headers.getSetCookie();
  const { runId } = (await response.json()) as { runId: string };
  const headers = { cookie: setCookie.split(';')[0]!, [shareHeader]: runId };
  return { ...createTestClient({ url: app.url, headers }), headers, setCookie };
}
