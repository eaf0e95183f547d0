import { expect, test } from 'vitest';
import { auditActions } from '#shared/audit.ts';
import { auditSubjects, parseAuditSearch, toAuditFilter } from './audit-filter.ts';

test('an address keeps what means something and drops the rest', () => {
  const known = { who: 'a-user', what: 'keys', target: 'a-key', time: '7d' };
  expect(parseAuditSearch({ ...known, other: 'x' })).toEqual(known);
  expect(parseAuditSearch({ who: ' ', what: 'toString', target: 7, time: 'x', from: '2026-13-01' })).toEqual({});
});

test('a subject stands for its actions, refused attempts for all of theirs, and every action can be found', () => {
  expect(toAuditFilter({ what: 'keys', who: 'schedule' }, 0)).toEqual({
    actor: 'schedule',
    action: ['key.created', 'key.revoked'],
  });
  expect(toAuditFilter({ what: 'refused' }, 0)).toEqual({ outcome: 'refused' });
  const covered = Object.values(auditSubjects).flatMap((actions) => actions ?? []);
  const others = auditActions.filter((action) => !action.endsWith('.refused'));
  expect([...covered].sort()).toEqual([...others].sort());
});
