-- table: organizations
update organizations set name = 'Example';

-- table: projects
update projects set activity_seq = 17;
insert into projects (id, name, organization_id, created_at) values
  ('019b76da-0000-7000-8000-0000000000e1', 'Website', '00000000-0000-7000-8000-000000000002', '2026-01-01 07:00Z');

-- table: users
insert into users (id, name, email, email_verified, created_at, updated_at) values
  ('user-ann', 'Ann', 'ann@example.com', false, '2026-01-01 06:00Z', '2026-01-01 06:00Z'),
  ('user-ben', 'Ben', 'ben@example.com', false, '2026-01-01 06:30Z', '2026-01-01 06:30Z');

-- table: sessions
insert into sessions (id, token, user_id, expires_at, ip_address, user_agent, created_at, updated_at) values
  ('session-ann', 'token-ann', 'user-ann', now() + interval '5 days', '192.0.2.1', 'Browser/1.0', '2026-01-02 06:00Z', '2026-01-02 06:00Z');

-- table: credentials
-- The passwords are "correct horse battery".
insert into credentials (id, account_id, provider_id, user_id, password, created_at, updated_at) values
  ('credential-ann', 'user-ann', 'credential', 'user-ann', '2cfa2f6cd36badd021fa9da10bb94100:420498e04085050ce678b218f658cf5486c38f3ef1238d27d67391662381895b839172d43c3f5910c2f042f405a112235abef5daf98d3b98e4eb571915c2666c', '2026-01-01 06:00Z', '2026-01-01 06:00Z'),
  ('credential-ben', 'user-ben', 'credential', 'user-ben', '2cfa2f6cd36badd021fa9da10bb94100:420498e04085050ce678b218f658cf5486c38f3ef1238d27d67391662381895b839172d43c3f5910c2f042f405a112235abef5daf98d3b98e4eb571915c2666c', '2026-01-01 06:30Z', '2026-01-01 06:30Z');

-- table: verifications
insert into verifications (id, identifier, value, expires_at, created_at, updated_at) values
  ('verification-1', 'identifier', 'value', '2026-01-02 06:00Z', '2026-01-01 06:00Z', '2026-01-01 06:00Z');

-- table: rate_limits
insert into rate_limits (id, key, count, last_request) values ('limit-1', '192.0.2.1|/sign-in/email', 1, 1767337200000);

-- table: members
insert into members (organization_id, user_id, role, created_at) values
  ('00000000-0000-7000-8000-000000000002', 'user-ann', 'owner', '2026-01-01 06:00Z'),
  ('00000000-0000-7000-8000-000000000002', 'user-ben', 'editor', '2026-01-01 06:30Z');

-- table: invitations
insert into invitations (id, organization_id, email, role, secret_hash, invited_by, created_at, expires_at) values
  ('019b76da-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-000000000002', 'cy@example.com', 'viewer', 'W0_-REEb3uSfNp5tPiNrh5ItCJ7In3GjV1hYvtB2E-8', 'Ann', '2026-01-02 06:00Z', now() + interval '5 days');

-- table: api_keys
-- The key is "rl_fixturefixturefixturefixturefixturefixturefi".
insert into api_keys (id, project_id, name, role, secret_hash, start, created_by, created_at) values
  ('019b76da-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-000000000001', 'Pipeline', 'viewer', 'Cmh4sqxcE7sqXoThmNfJXLRKcB6Htmjq1R1PQs4voHs', 'rl_fixtur', 'Ann', '2026-01-02 06:00Z');
