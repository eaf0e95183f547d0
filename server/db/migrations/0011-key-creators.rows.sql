-- table: api_keys
-- The key is "rl_fixturefixturefixturefixturefixturefixturefi".
insert into api_keys (id, project_id, name, role, secret_hash, start, created_by, creator_id, created_at, last_used_at) values
  ('019b76da-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-000000000001', 'Pipeline', 'viewer', 'Cmh4sqxcE7sqXoThmNfJXLRKcB6Htmjq1R1PQs4voHs', 'rl_fixtur', 'Ann', 'user-ann', '2026-01-02 06:00Z', '2026-01-02 07:00Z');
