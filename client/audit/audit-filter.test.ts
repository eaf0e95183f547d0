import { expect, test } from 'vitest';
import { auditActions } from '#shared/audit.ts';
import { auditSubjects, parseAuditSearch, toAuditFilter } from './audit-filter.ts';

test('unknown and invalid parameters of the address are dropped', () => {
  const known = { who: 'schedule', what: 'keys', target: '019a0000-0000-7000-8000-000000000001', time: '7d' };
  expect(parseAuditSearch({ ...known, other: 'x' })).toEqual(known);
  expect(parseAuditSearch({ who: 'true', what: 'toString', target: '[]', time: 'x', from: '2026-13-01' })).toEqual({});
});

test('a subject filters by its actions, refused attempts by the outcome, and every action has a subject', () => {
  expect(toAuditFilter({ what: 'keys', who: 'schedule' }, 0)).toEqual({
    actor: 'schedule',
    action: ['key.created', 'key.revoked'],
  });
  expect(toAuditFilter({ what: 'refused' }, 0)).toEqual({ outcome: 'refused' });
  const covered = Object.values(auditSubjects).flatMap((actions) => actions ?? []);
  const others = auditActions.filter((action) => !action.endsWith('.refused'));
  expect([...covered].sort()).toEqual([...others].sort());
});
