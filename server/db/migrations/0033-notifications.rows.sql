-- table: notification_rules
insert into notification_rules (id, project_id, name, events, scope, target, secret, enabled, sequence) values
  ('019b76da-0000-7000-8000-0000000000a7', '00000000-0000-7000-8000-000000000001', 'Our robot', '["failed"]',
    '{"kind": "all"}', '{"kind": "webhook", "url": "https://robot.example/hook"}', 'v1.AAAA', false, 1);
-- table: notification_events
insert into notification_events (project_id, kind, run_id) values
  ('00000000-0000-7000-8000-000000000001', 'settled', '019b76da-0000-7000-8000-0000000000c2');
-- table: notification_deliveries
insert into notification_deliveries (id, project_id, rule_id, sequence, key, event, summary, run_id, body, state, answer_status, ended_at) values
  ('019b76da-0000-7000-8000-0000000000d7', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000a7', 1,
    'settled:019b76da-0000-7000-8000-0000000000c2', 'failed', 'Nightly failed', '019b76da-0000-7000-8000-0000000000c2', '{}', 'delivered', 200, '2026-01-02T08:00:05Z');
