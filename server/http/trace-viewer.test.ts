import { expect, test } from 'vitest';
import { testApp } from '#server/testing/resources.ts';

test('no other site can give the trace viewer a trace, by its URL or by a message', async () => {
  await using app = await testApp();
  for (const file of ['index.html', 'sw.bundle.js']) {
    const { headers } = await fetch(`${app.url}/trace-viewer/${file}`);
    expect(headers.get('content-security-policy'), file).toContain("connect-src 'self' blob:;");
    expect(headers.get('cross-origin-opener-policy'), file).toBe('same-origin');
  }
});
