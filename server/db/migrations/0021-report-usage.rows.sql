-- table: run_parts
insert into run_parts (run_id, part, status, executor, first_index, total, cases_hash, started_at, completed_at, silent, steps, output_chars, text_chars, irregular, files, file_bytes) values
  ('019b76da-0000-7000-8000-0000000000c1', 0, 'passed', 'machine-1', 0, 1, null, '2026-01-02 08:00:01Z', '2026-01-02 08:00:03Z', false, 0, 0, 0, 0, 0, 0),
  ('019b76da-0000-7000-8000-0000000000c2', 0, 'failed', 'machine-1', 0, 2, null, '2026-01-02 09:00:01Z', '2026-01-02 09:00:05Z', false, 0, 0, 0, 0, 0, 0),
  ('019b76da-0000-7000-8000-0000000000c3', 0, 'timed_out', 'machine-1', 0, 2, null, '2026-01-02 10:00:01Z', '2026-01-02 10:01:01Z', false, 0, 0, 0, 0, 0, 0),
  ('019b76da-0000-7000-8000-0000000000c4', 0, 'cancelled', null, 0, 1, null, null, '2026-01-02 11:00:01Z', false, 0, 0, 0, 0, 0, 0),
  ('019b76da-0000-7000-8000-0000000000c5', 0, 'running', 'machine-1', 0, 1, null, '2026-01-02 12:00:01Z', null, false, 0, 0, 0, 0, 0, 0),
  ('019b76da-0000-7000-8000-0000000000c6', 0, 'queued', null, 0, 1, null, null, null, false, 0, 0, 0, 0, 0, 0);
