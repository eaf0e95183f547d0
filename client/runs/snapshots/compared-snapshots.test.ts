import { expect, test } from 'vitest';
import { findSnapshots, type SnapshotArtifact } from './compared-snapshots.ts';

function artifact(id: string, snapshot: SnapshotArtifact['snapshot'], attempt = 0): SnapshotArtifact & { id: string } {
  const path = `/artifacts/run/${id}.png`;
  return {
    id,
    path,
    contentType: 'image/png',
    position: 0,
    caseIndex: 2,
    attempt,
    snapshot,
  };
}

test('artifacts of one comparison stand together, apart for each attempt, and all others apart from them', () => {
  const first = (['expected', 'actual', 'diff'] as const).map((role) => artifact(role, { path: 'home.png', role }));
  const retry = artifact('again', { path: 'home.png', role: 'actual' }, 1);
  const another = artifact('another', { path: 'cart.png', role: 'actual' });
  const other = artifact('screenshot', null);
  const { compared, others } = findSnapshots([...first, other, retry, another]);
  expect(others).toEqual([other]);
  expect(compared.map(({ path, files }) => [path, Object.keys(files)])).toEqual([
    ['home.png', ['expected', 'actual', 'diff']],
    ['home.png', ['actual']],
    ['cart.png', ['actual']],
  ]);
});
