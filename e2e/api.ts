import type { APIRequestContext } from '@playwright/test';

/** Calls a mutation of the app at `url` and returns what it answers. Throws when it is refused. */
export async function call<T = { id: string; runId: string }>(
  request: APIRequestContext,
  url: string,
  procedure: string,
  input: object,
): Promise<T> {
  const response = await request.post(`${url}/api/trpc/${procedure}`, { data: input });
  if (!response.ok()) throw new Error(`${procedure}: ${await response.text()}`);
  const { result } = (await response.json()) as { result: { data: T } };
  return result.data;
}

/** The script of a test that does nothing but this. */
export function script(body: string): string {
  return `import { test, expect } from '@playwright/test';\n${body}\n`;
}

/** Creates a test whose script has this body, and starts it. */
export async function runScript(
  request: APIRequestContext,
  url: string,
  name: string,
  body: string,
): Promise<{ testId: string; runId: string }> {
  const { id: testId } = await call(request, url, 'tests.create', { name, script: script(body) });
  const { runId } = await call(request, url, 'tests.run', { testId });
  return { testId, runId };
}
