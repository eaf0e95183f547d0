-- table: run_files
insert into run_files (run_id, path, bytes) values
  ('019b76da-0000-7000-8000-0000000000c6', 'part-0/report/index.html', 9);
