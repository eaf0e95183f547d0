-- table: run_days
insert into run_days (project_id, day, passed, failed, flaky) values
  ('00000000-0000-7000-8000-000000000001', '2026-01-02', 1, 2, 0);
