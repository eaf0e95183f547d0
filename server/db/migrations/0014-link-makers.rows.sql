-- table: invitations
insert into invitations (id, organization_id, project_id, email, role, secret_hash, invited_by, inviter_id, created_at, expires_at) values
  ('019b76da-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'cy@example.com', 'viewer', 'W0_-REEb3uSfNp5tPiNrh5ItCJ7In3GjV1hYvtB2E-8', 'Ann', 'user-ann', '2026-01-02 06:00Z', now() + interval '5 days');

-- table: password_resets
insert into password_resets (user_id, secret_hash, creator_id, expires_at) values
  ('user-ben', '3W5Tp9SG2TJ7hnMKsNaEXLtGTPUn5XOYti82__diPv0', 'user-ann', now() + interval '1 day');
