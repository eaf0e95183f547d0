-- table: runs
insert into runs (id, project_id, kind, test_id, job_id, name, status, version, seq, activity_seq, trigger, triggered_by, retry_of, idempotency_key, timeout_ms,
  queued_at, started_at, completed_at, duration_ms, heartbeat_at, worker_id, cancel_requested_at, error_code, error_details, total, passed, failed, skipped, not_run, flaky, report_path, artifact_paths) values
  ('019b76da-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a1', null, 'Sign in', 'passed', 4, 8, 4, 'manual', 'Ann', null, 'first', null,
    '2026-01-02 08:00Z', '2026-01-02 08:00:01Z', '2026-01-02 08:00:03Z', 2000, '2026-01-02 08:00:01Z', 'worker-1', null, null, null, 1, 1, 0, 0, 0, 0,
    '/artifacts/019b76da-0000-7000-8000-0000000000c1/report/index.html', '["/artifacts/019b76da-0000-7000-8000-0000000000c1/report/index.html", "/artifacts/019b76da-0000-7000-8000-0000000000c1/results/sign%20in.png"]'),
  ('019b76da-0000-7000-8000-0000000000c2', '00000000-0000-7000-8000-000000000001', 'job', null, '019b76da-0000-7000-8000-0000000000b1', 'Smoke', 'failed', 5, 6, 9, 'schedule', 'Schedule', null, null, 60000,
    '2026-01-02 09:00Z', '2026-01-02 09:00:01Z', '2026-01-02 09:00:05Z', 4000, '2026-01-02 09:00:01Z', 'worker-1', null, null, 'expected 2' || chr(10) || 'received 3', 2, 0, 1, 1, 0, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c3', '00000000-0000-7000-8000-000000000001', 'job', null, '019b76da-0000-7000-8000-0000000000b1', 'Smoke', 'timed_out', 3, 5, 12, 'retry', 'Ann', '019b76da-0000-7000-8000-0000000000c2', null, 60000,
    '2026-01-02 10:00Z', '2026-01-02 10:00:01Z', '2026-01-02 10:01:01Z', 60000, '2026-01-02 10:01:00Z', 'worker-1', null, 'run_timeout', 'The run took longer than 60 s.', 2, 0, 0, 1, 1, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c4', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a2', null, 'Pay', 'cancelled', 2, 2, 14, 'manual', 'Ann', null, null, null,
    '2026-01-02 11:00Z', null, '2026-01-02 11:00:01Z', null, null, null, null, null, 'Cancelled before it began.', 1, 0, 0, 1, 1, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c5', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a1', null, 'Sign in', 'running', 2, 2, 16, 'api', 'Pipeline', null, null, null,
    '2026-01-02 12:00Z', '2026-01-02 12:00:01Z', null, null, now(), 'worker-1', null, null, null, 1, 0, 0, 0, 0, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c6', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a2', null, 'Pay', 'queued', 1, 1, 17, 'cli', 'Ann', null, null, null,
    '2026-01-02 12:30Z', null, null, null, null, null, null, null, null, 1, 0, 0, 0, 0, 0, null, '[]');
