-- table: projects
update projects set activity_seq = 17, settings = '{"use": {"baseURL": "https://example.com/"}}';
insert into projects (id, name, organization_id, created_at) values
  ('019b76da-0000-7000-8000-0000000000e1', 'Website', '00000000-0000-7000-8000-000000000002', '2026-01-01 07:00Z');

-- table: tests
insert into tests (id, project_id, name, script, created_at, updated_at, archived_at, settings) values
  ('019b76da-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000001', 'Sign in', 'test("signs in", () => {});', '2026-01-01 07:00Z', '2026-01-02 07:00Z', null, '{"device": "Pixel 5", "retries": 1}'),
  ('019b76da-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000001', 'Pay', 'test("pays", () => {});', '2026-01-01 07:01Z', '2026-01-01 07:01Z', null, '{}'),
  ('019b76da-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000001', 'Old', 'test("old", () => {});', '2026-01-01 07:02Z', '2026-01-01 07:02Z', '2026-01-03 07:00Z', '{}');

-- table: snapshots
insert into snapshots (test_id, path, content, content_type, run_id, accepted_by, accepted_at) values
  ('019b76da-0000-7000-8000-0000000000a1', 'home-chromium-linux.png', '\x89504e47', 'image/png', '019b76da-0000-7000-8000-0000000000c1', 'Ann', '2026-01-02 13:00Z');
