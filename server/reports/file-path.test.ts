import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathInRun } from './file-path.ts';

test('paths stay in the folder of the part, and those of different files differ', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'ö', '~', '.', '?', '#', '%', '3f', '\\', '\0', '/', '😀') });
  fc.assert(
    fc.property(name, name, (one, other) => {
      const path = pathInRun(3, one);
      if (path === undefined) return;
      expect(path).toMatch(/^part-3\/[^/]/);
      expect(new URL(path, 'file:///root/').pathname).toMatch(/^\/root\/part-3\//);
      expect(decodeURI(encodeURIComponent(path).replaceAll('%2F', '/'))).toBe(path);
      if (one !== other) expect(pathInRun(3, other)).not.toBe(path);
    }),
    { numRuns: 2_000 },
  );
});

test('plain names stay as they are', () => {
  expect(pathInRun(0, 'report/data/4f2a (1).png')).toBe('part-0/report/data/4f2a (1).png');
  expect(pathInRun(1, 'größe/näch#ste?.png')).toBe('part-1/größe/näch~23~ste~3f~.png');
});
