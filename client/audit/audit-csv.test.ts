import { expect, test } from 'vitest';
import { toCsv } from './audit-csv.ts';
import type { AuditEvent } from './audit-text.ts';

test('a text of users stays one cell and is not a formula', () => {
  const event: AuditEvent = {
    id: '1',
    at: '2026-03-10T12:00:00.000Z',
    projectId: null,
    actorKind: 'user',
    actorId: 'ada',
    actorName: '=cmd()',
    address: null,
    action: 'test.created',
    targetKind: 'test',
    targetId: null,
    targetName: 'Says "hi",\nand more',
    details: {},
    outcome: 'done',
    count: 1,
  };
  const [, line] = toCsv([event]).split(/\r\n/);
  expect(line).toBe(`2026-03-10T12:00:00.000Z,user,ada,'=cmd(),,test.created,done,1,test,,"Says ""hi"",\nand more",{}`);
});
