-- table: jobs
insert into jobs (id, project_id, name, schedule, timezone, enabled, timeout_ms, overlap, catch_up, handled_until, created_at, updated_at) values
  ('019b76da-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-000000000001', 'Smoke', '0 7 * * 1-5', 'Europe/Berlin', true, 60000, 'queue', 'none', '2026-01-02 08:00Z', '2026-01-01 08:00Z', '2026-01-01 08:00Z');

-- table: missed_starts
insert into missed_starts (id, job_id, due_at, reason, run_id, created_at) values
  ('019b76da-0000-7000-8000-0000000001b1', '019b76da-0000-7000-8000-0000000000b1', '2026-01-02 06:00Z', 'queue_full', '019b76da-0000-7000-8000-0000000000c2', '2026-01-02 06:00Z');
