import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testApp } from '#server/testing/resources.ts';

const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8');

/** What a text takes for metrics of ours. A histogram is read by three names. */
function metricsIn(text: string): string[] {
  const names = text.match(/\b(runlight|nodejs|process)_[a-z0-9_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/(_duration_seconds)_(bucket|sum|count)$/, '$1')))].sort();
}

test('every metric is described, and dashboard and alert rules know no other', async () => {
  await using app = await testApp();
  const text = await (await fetch(`${app.url}/metrics`, { headers: app.headers })).text();
  const metrics = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!).sort();
  // Each is there, and with a value.
  for (const name of metrics.filter((name) => name.startsWith('runlight_')))
    expect(text).toMatch(new RegExp(`^${name}(\\{| \\d)`, 'm'));
  // Not what the request itself asks for.
  expect(text).toContain('runlight_database_connections{state="waiting"} 0\n');
  expect(metricsIn(read('metrics.md'))).toEqual(metrics);

  const { panels, templating, annotations } = JSON.parse(read('grafana-dashboard.json')) as Record<string, unknown>;
  const shown = metricsIn(JSON.stringify({ panels, templating, annotations }));
  expect(metrics).toEqual(expect.arrayContaining(shown));
  expect(metrics).toEqual(expect.arrayContaining(metricsIn(read('prometheus-alerts.yml'))));
  // What is ours is worth a look.
  expect(shown).toEqual(expect.arrayContaining(metrics.filter((name) => name.startsWith('runlight_'))));
});
