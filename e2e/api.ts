import type { APIRequestContext } from '@playwright/test';

/** Calls a mutation of the app at `url` and returns its answer. Throws when the app refuses it. */
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

/** A script with this body. */
export function script(body: string): string {
  return `import { test, expect } from '@playwright/test';\n${body}\n`;
}

/** Creates a test with a script of this body, and runs it. */
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
