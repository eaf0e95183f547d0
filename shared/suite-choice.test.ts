import { expect, test } from 'vitest';
import { choiceArgs } from './suite-choice.ts';

const chosen = (project: string, file: string) => ({ project, file, titlePath: ['a case'] });

test('a choice names its projects and files once', () => {
  const args = choiceArgs([
    chosen('phone ☎', 'e2e/shop.spec.ts'),
    chosen('phone ☎', 'e2e/shop.spec.ts'),
    chosen('desktop', 'a.ts'),
  ]);
  expect(args.filter((arg) => arg.startsWith('--'))).toEqual(['--project=phone ☎', '--project=desktop']);
  expect(args).toHaveLength(4);
});

test.for(['e2e/shop.spec.ts', 'a (b) [c] {d} $e^ +?*|.ts', '../up/x.ts', "it's 1:2"])(
  'the filter of %s finds this file and no other',
  (file) => {
    const [filter] = choiceArgs([chosen('', file)]);
    const inside = file.replace('../', '');
    const finds = (path: string) => new RegExp(filter!, 'gi').test(path);
    expect(finds(`/home/suite/${inside}`)).toBe(true);
    expect(finds(`/home/suite/not-${inside}`)).toBe(false);
    expect(finds(`/home/suite/${inside}x`)).toBe(false);
  },
);

test('a choice of many files names none of them', () => {
  expect(choiceArgs(Array.from({ length: 101 }, (_, index) => chosen('', `${index}.ts`)))).toEqual([]);
});
