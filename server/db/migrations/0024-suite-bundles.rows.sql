-- table: bundle_archives
insert into bundle_archives (project_id, hash, bytes, unpacked_bytes, files, received_at) values
  ('00000000-0000-7000-8000-000000000001', repeat('a', 64), 2000, 9000, 12, '2026-01-02 07:30Z');
-- table: suite_bundles
insert into suite_bundles (id, project_id, suite_id, hash, dir, config, package_manager, lock_file, playwright, branch, commit_sha, commit_message, author, is_dirty, pushed_by, pushed_at) values
  ('019b76da-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-000000000001', '019b76da-0000-7000-8000-0000000000e1', repeat('a', 64), 'apps/web', 'playwright.config.ts', 'npm', 'package-lock.json', '1.60.0', 'main', 'a1b2c3d', 'fix: pay by card', 'Ada', false, 'Ann', '2026-01-02 07:30Z');
