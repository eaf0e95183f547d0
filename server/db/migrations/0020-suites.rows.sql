-- table: suites
insert into suites (id, project_id, name, created_at) values
  ('019b76da-0000-7000-8000-0000000000e1', '00000000-0000-7000-8000-000000000001', 'web', '2026-01-02 07:00Z');
