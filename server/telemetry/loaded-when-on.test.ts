import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const server = path.dirname(import.meta.dirname);

test("OpenTelemetry's SDK is imported by files that are imported where telemetry is on, and by no other", () => {
  const files = readdirSync(server, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => ({ file, code: readFileSync(path.join(server, file), 'utf8') }));
  const importing = (pattern: RegExp) => files.filter(({ code }) => pattern.test(code)).map(({ file }) => file);
  const sdk = importing(/from '@opentelemetry\/(?!api')/);
  expect(sdk.sort()).toEqual(
    ['exporters', 'registry-producer', 'start-telemetry'].map((name) => `telemetry/${name}.ts`),
  );
  const names = sdk.map((file) => path.basename(file, '.ts')).join('|');
  // Not `import type`, and not `await import`.
  expect(importing(new RegExp(`^import (?!type).* from '[^']*/(${names}).ts'`, 'm'))).toEqual([
    'telemetry/start-telemetry.ts',
  ]);
});
