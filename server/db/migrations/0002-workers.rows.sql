-- table: workers
insert into workers (id, host, pid, version, concurrency, started_at, beat_at) values
  ('worker-1', 'host-1', 4711, '0.1.0', 2, '2026-01-02 07:00Z', now());

-- table: worker_presence
update worker_presence set seq = 3, told_at = now();
