-- Rows as Runlight wrote them with this schema, one section per table. Frozen, like the migration beside it.

-- table: projects
update projects set activity_seq = 17;

-- table: tests
insert into tests (id, project_id, name, script, created_at, updated_at, archived_at) values
  ('019b76da-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000001', 'Sign in', 'test("signs in", () => {});', '2026-01-01 07:00Z', '2026-01-02 07:00Z', null),
  ('019b76da-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000001', 'Pay', 'test("pays", () => {});', '2026-01-01 07:01Z', '2026-01-01 07:01Z', null),
  ('019b76da-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000001', 'Old', 'test("old", () => {});', '2026-01-01 07:02Z', '2026-01-01 07:02Z', '2026-01-03 07:00Z');

-- table: jobs
insert into jobs (id, project_id, name, schedule, timezone, enabled, timeout_ms, created_at, updated_at) values
  ('019b76da-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-000000000001', 'Smoke', '0 7 * * 1-5', 'Europe/Berlin', true, 60000, '2026-01-01 08:00Z', '2026-01-01 08:00Z');

-- table: job_tests
insert into job_tests (job_id, test_id, position) values
  ('019b76da-0000-7000-8000-0000000000b1', '019b76da-0000-7000-8000-0000000000a1', 0),
  ('019b76da-0000-7000-8000-0000000000b1', '019b76da-0000-7000-8000-0000000000a2', 1);

-- table: runs
insert into runs (id, project_id, kind, test_id, job_id, name, status, version, seq, activity_seq, trigger, triggered_by, retry_of, idempotency_key, timeout_ms,
  queued_at, started_at, completed_at, duration_ms, heartbeat_at, worker_id, cancel_requested_at, error_code, error_details, total, passed, failed, skipped, flaky, report_path, artifact_paths) values
  ('019b76da-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a1', null, 'Sign in', 'passed', 4, 8, 4, 'manual', null, null, 'first', null,
    '2026-01-02 08:00Z', '2026-01-02 08:00:01Z', '2026-01-02 08:00:03Z', 2000, '2026-01-02 08:00:01Z', 'worker-1', null, null, null, 1, 1, 0, 0, 0,
    '/artifacts/019b76da-0000-7000-8000-0000000000c1/report/index.html', '["/artifacts/019b76da-0000-7000-8000-0000000000c1/report/index.html", "/artifacts/019b76da-0000-7000-8000-0000000000c1/results/sign%20in.png"]'),
  ('019b76da-0000-7000-8000-0000000000c2', '00000000-0000-7000-8000-000000000001', 'job', null, '019b76da-0000-7000-8000-0000000000b1', 'Smoke', 'failed', 5, 6, 9, 'schedule', null, null, null, 60000,
    '2026-01-02 09:00Z', '2026-01-02 09:00:01Z', '2026-01-02 09:00:05Z', 4000, '2026-01-02 09:00:01Z', 'worker-1', null, null, 'expected 2' || chr(10) || 'received 3', 2, 0, 1, 1, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c3', '00000000-0000-7000-8000-000000000001', 'job', null, '019b76da-0000-7000-8000-0000000000b1', 'Smoke', 'timed_out', 3, 5, 12, 'retry', null, '019b76da-0000-7000-8000-0000000000c2', null, 60000,
    '2026-01-02 10:00Z', '2026-01-02 10:00:01Z', '2026-01-02 10:01:01Z', 60000, '2026-01-02 10:01:00Z', 'worker-1', null, 'run_timeout', 'The run took longer than 60 s.', 2, 0, 0, 1, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c4', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a2', null, 'Pay', 'cancelled', 2, 2, 14, 'manual', null, null, null, null,
    '2026-01-02 11:00Z', null, '2026-01-02 11:00:01Z', null, null, null, null, null, 'Cancelled before it began.', 1, 0, 0, 1, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c5', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a1', null, 'Sign in', 'running', 2, 2, 16, 'api', null, null, null, null,
    '2026-01-02 12:00Z', '2026-01-02 12:00:01Z', null, null, now(), 'worker-1', null, null, null, 1, 0, 0, 0, 0, null, '[]'),
  ('019b76da-0000-7000-8000-0000000000c6', '00000000-0000-7000-8000-000000000001', 'test', '019b76da-0000-7000-8000-0000000000a2', null, 'Pay', 'queued', 1, 1, 17, 'cli', null, null, null, null,
    '2026-01-02 12:30Z', null, null, null, null, null, null, null, null, 1, 0, 0, 0, 0, null, '[]');

-- table: run_tests
insert into run_tests (run_id, position, test_id, name, script, status, flaky, duration_ms, error) values
  ('019b76da-0000-7000-8000-0000000000c1', 0, '019b76da-0000-7000-8000-0000000000a1', 'Sign in', 'test("an earlier script", () => {});', 'passed', false, 1500, null),
  ('019b76da-0000-7000-8000-0000000000c2', 0, '019b76da-0000-7000-8000-0000000000a1', 'Sign in', 'test("signs in", () => {});', 'skipped', false, 0, null),
  ('019b76da-0000-7000-8000-0000000000c2', 1, '019b76da-0000-7000-8000-0000000000a2', 'Pay', 'test("pays", () => {});', 'failed', false, 700, '{"message": "expected 2\nreceived 3", "snippet": null, "line": 1, "column": 5}'),
  ('019b76da-0000-7000-8000-0000000000c3', 0, '019b76da-0000-7000-8000-0000000000a1', 'Sign in', 'test("signs in", () => {});', 'interrupted', false, null, null),
  ('019b76da-0000-7000-8000-0000000000c3', 1, '019b76da-0000-7000-8000-0000000000a2', 'Pay', 'test("pays", () => {});', 'skipped', false, null, null),
  ('019b76da-0000-7000-8000-0000000000c4', 0, '019b76da-0000-7000-8000-0000000000a2', 'Pay', 'test("pays", () => {});', 'skipped', false, null, null),
  ('019b76da-0000-7000-8000-0000000000c5', 0, '019b76da-0000-7000-8000-0000000000a1', 'Sign in', 'test("signs in", () => {});', 'running', false, null, null),
  ('019b76da-0000-7000-8000-0000000000c6', 0, '019b76da-0000-7000-8000-0000000000a2', 'Pay', 'test("pays", () => {});', 'pending', false, null, null);

-- table: run_events
insert into run_events (run_id, seq, at, type, payload) values
  ('019b76da-0000-7000-8000-0000000000c1', 1, '2026-01-02 08:00Z', 'status', '{"type": "status", "status": "queued", "errorDetails": null}'),
  ('019b76da-0000-7000-8000-0000000000c1', 2, '2026-01-02 08:00:01Z', 'status', '{"type": "status", "status": "running", "errorDetails": null}'),
  ('019b76da-0000-7000-8000-0000000000c1', 3, '2026-01-02 08:00:01Z', 'step', '{"type": "step", "position": 0, "id": "0", "parentId": null, "category": "case", "title": "signs in", "status": "running", "duration": null, "error": null, "line": 1}'),
  ('019b76da-0000-7000-8000-0000000000c1', 4, '2026-01-02 08:00:02Z', 'log', '{"type": "log", "stream": "stdout", "text": "hello\n", "position": 0}'),
  ('019b76da-0000-7000-8000-0000000000c1', 5, '2026-01-02 08:00:02Z', 'step', '{"type": "step", "position": 0, "id": "0", "parentId": null, "category": "case", "title": "signs in", "status": "passed", "duration": 1500, "error": null, "line": 1}'),
  ('019b76da-0000-7000-8000-0000000000c1', 6, '2026-01-02 08:00:02Z', 'test', '{"type": "test", "position": 0, "name": "Sign in", "status": "passed", "flaky": false, "duration": 1500, "error": null}'),
  ('019b76da-0000-7000-8000-0000000000c1', 7, '2026-01-02 08:00:03Z', 'artifact', '{"type": "artifact", "kind": "screenshot", "path": "/artifacts/019b76da-0000-7000-8000-0000000000c1/results/sign%20in.png", "name": "sign in", "bytes": 3, "contentType": "image/png", "position": 0}'),
  ('019b76da-0000-7000-8000-0000000000c1', 8, '2026-01-02 08:00:03Z', 'status', '{"type": "status", "status": "passed", "errorDetails": null}');

-- table: artifacts
insert into artifacts (id, run_id, run_test_position, kind, path, bytes, content_type) values
  ('019b76da-0000-7000-8000-0000000000d1', '019b76da-0000-7000-8000-0000000000c1', null, 'report', '/artifacts/019b76da-0000-7000-8000-0000000000c1/report/index.html', 9, 'text/html'),
  ('019b76da-0000-7000-8000-0000000000d2', '019b76da-0000-7000-8000-0000000000c1', 0, 'screenshot', '/artifacts/019b76da-0000-7000-8000-0000000000c1/results/sign%20in.png', 3, 'image/png');
