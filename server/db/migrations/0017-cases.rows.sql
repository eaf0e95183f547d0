-- table: cases
insert into cases (id, project_id, test_id, project, file, title_path, title) values
  ('842aae02-2b94-8a9c-a0a8-13e3e66e5d29', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000a1', '', '', '["signs in"]', 'signs in'),
  ('01a0f5df-b440-8a3e-a381-2a845a40b59d', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000a1', '', '', '[]', ''),
  ('641ae427-86ac-8de2-a288-63cc45f25b4d', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000a2', '', '', '[]', '');

-- table: run_parts
insert into run_parts (run_id, part, status, executor, first_index, total, cases_hash, started_at, completed_at) values
  ('019b76da-0000-7000-8000-0000000000c1', 0, 'passed', 'machine-1', 0, 1, null, '2026-01-02 08:00:01Z', '2026-01-02 08:00:03Z'),
  ('019b76da-0000-7000-8000-0000000000c2', 0, 'failed', 'machine-1', 0, 2, null, '2026-01-02 09:00:01Z', '2026-01-02 09:00:05Z'),
  ('019b76da-0000-7000-8000-0000000000c3', 0, 'timed_out', 'machine-1', 0, 2, null, '2026-01-02 10:00:01Z', '2026-01-02 10:01:01Z'),
  ('019b76da-0000-7000-8000-0000000000c4', 0, 'cancelled', null, 0, 1, null, null, '2026-01-02 11:00:01Z'),
  ('019b76da-0000-7000-8000-0000000000c5', 0, 'running', 'machine-1', 0, 1, null, '2026-01-02 12:00:01Z', null),
  ('019b76da-0000-7000-8000-0000000000c6', 0, 'queued', null, 0, 1, null, null, null);

-- table: run_cases
insert into run_cases (run_id, index, case_id, part, position, is_script, line, status, attempt, flaky, quarantined, duration_ms, error, version, started_at, completed_at) values
  ('019b76da-0000-7000-8000-0000000000c1', 0, '842aae02-2b94-8a9c-a0a8-13e3e66e5d29', 0, 0, false, 1, 'passed', 0, false, false, 1500, null, 4, '2026-01-02 08:00:01Z', '2026-01-02 08:00:02Z'),
  ('019b76da-0000-7000-8000-0000000000c2', 0, '01a0f5df-b440-8a3e-a381-2a845a40b59d', 0, 0, true, null, 'skipped', 0, false, false, 0, null, 5, null, null),
  ('019b76da-0000-7000-8000-0000000000c2', 1, '641ae427-86ac-8de2-a288-63cc45f25b4d', 0, 1, true, null, 'failed', 0, false, false, 700, '{"message": "expected 2\nreceived 3", "snippet": null, "line": 1, "column": 5}', 5, null, null),
  ('019b76da-0000-7000-8000-0000000000c3', 0, '01a0f5df-b440-8a3e-a381-2a845a40b59d', 0, 0, true, null, 'interrupted', 0, false, false, null, null, 3, null, null),
  ('019b76da-0000-7000-8000-0000000000c3', 1, '641ae427-86ac-8de2-a288-63cc45f25b4d', 0, 1, true, null, 'skipped', 0, false, false, null, null, 3, null, null),
  ('019b76da-0000-7000-8000-0000000000c4', 0, '641ae427-86ac-8de2-a288-63cc45f25b4d', 0, 0, true, null, 'skipped', 0, false, false, null, null, 2, null, null),
  ('019b76da-0000-7000-8000-0000000000c5', 0, '01a0f5df-b440-8a3e-a381-2a845a40b59d', 0, 0, true, null, 'running', 0, false, false, null, null, 2, null, null),
  ('019b76da-0000-7000-8000-0000000000c6', 0, '641ae427-86ac-8de2-a288-63cc45f25b4d', 0, 0, true, null, 'pending', 0, false, false, null, null, 1, null, null);

-- table: quarantines
insert into quarantines (case_id, project_id, reason, owner, expires_at, created_by, created_at) values
  ('842aae02-2b94-8a9c-a0a8-13e3e66e5d29', '00000000-0000-7000-8000-000000000001', 'The mail server is slow', 'Ben', '2126-01-01 00:00Z', 'Ann', '2026-01-02 13:00Z');
