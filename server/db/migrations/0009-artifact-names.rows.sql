-- table: artifacts
insert into artifacts (id, run_id, run_test_position, kind, name, path, bytes, content_type) values
  ('019b76da-0000-7000-8000-0000000000d1', '019b76da-0000-7000-8000-0000000000c1', null, 'report', 'report', '/artifacts/019b76da-0000-7000-8000-0000000000c1/report/index.html', 9, 'text/html'),
  ('019b76da-0000-7000-8000-0000000000d2', '019b76da-0000-7000-8000-0000000000c1', 0, 'screenshot', 'signed in', '/artifacts/019b76da-0000-7000-8000-0000000000c1/results/sign%20in.png', 3, 'image/png');
