-- table: share_links
-- The secret is "rls_fixturefixturefixturefixturefixturefixturefi"; the link outlives the fixture.
insert into share_links (id, run_id, secret_hash, created_by, created_at, expires_at) values
  ('019b76da-0000-7000-8000-0000000000d9', '019b76da-0000-7000-8000-0000000000c6', 'cnl3Adr3imbUdrLmFLNpTPbGyGQQ7QbcCK9EV-fz90w', 'Ann', '2026-01-02 06:00Z', '2126-01-02 06:00Z');
