-- table: suite_bundles
insert into suite_bundles (id, project_id, suite_id, hash, dir, config, package_manager, lock_file, playwright, branch, commit_sha, commit_message, author, is_dirty, pushed_by, pushed_at) values
  ('019b76da-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000e1', repeat('a', 64), 'apps/web', 'playwright.config.ts', 'npm', 'package-lock.json', '1.60.0', 'main', 'a1b2c3d', 'fix: pay by card', 'Ada', false, 'Ann', '2026-01-02 07:30Z');
-- A job that runs it: it is inserted after the suite and its bundle.
insert into jobs (id, project_id, name, schedule, timezone, enabled, timeout_ms, overlap, catch_up, handled_until, created_at, updated_at, suite_id, bundle_id, suite_run) values
  ('019b76da-0000-7000-8000-0000000000b2', '00000000-0000-7000-8000-000000000001', 'Nightly web', null, 'UTC', true, null, 'skip', 'last', '2026-01-02 08:00Z', '2026-01-02 08:00Z', '2026-01-02 08:00Z', '019b76da-0000-7000-8000-0000000000e1', '019b76da-0000-7000-8000-0000000000f1', '{"isPinned": true, "branch": null, "shards": 2, "wallTimeMs": null, "options": {"grep": "@smoke"}}');
