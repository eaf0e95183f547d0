-- table: badges
insert into badges (id, project_id, test_id, suite_id, branch, token, created_by, created_at) values
  ('019b76da-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000a1', null, null, 'fixturefixturefixture001', 'Ann', '2026-01-02 06:00Z'),
  ('019b76da-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-000000000001', null, '019b76da-0000-7000-8000-0000000000e1', 'main', 'fixturefixturefixture002', 'Ann', '2026-01-02 06:00Z');
-- table: notification_rules
insert into notification_rules (id, project_id, name, events, scope, target, secret, retiring_secret, retires_at, enabled, sequence) values
  ('019b76da-0000-7000-8000-0000000000a7', '00000000-0000-7000-8000-000000000001', 'Our robot', '["failed"]',
    '{"kind": "all"}', '{"kind": "webhook", "url": "https://robot.example/hook"}', 'v1.BBBB', 'v1.AAAA', '2026-01-03T08:00:00Z', false, 1);
-- table: notification_events
insert into notification_events (project_id, kind, run_id) values
  ('00000000-0000-7000-8000-000000000001', 'started', '019b76da-0000-7000-8000-0000000000c2'),
  ('00000000-0000-7000-8000-000000000001', 'settled', '019b76da-0000-7000-8000-0000000000c2');
