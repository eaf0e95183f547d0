-- table: members
insert into members (organization_id, user_id, role, created_at) values
  ('00000000-0000-7000-8000-000000000002', 'user-ann', 'owner', '2026-01-01 06:00Z'),
  ('00000000-0000-7000-8000-000000000002', 'user-ben', null, '2026-01-01 06:30Z');

-- table: project_members
insert into project_members (project_id, user_id, organization_id, role, created_at) values
  ('00000000-0000-7000-8000-000000000001', 'user-ben', '00000000-0000-7000-8000-000000000002', 'editor', '2026-01-01 06:30Z');

-- table: invitations
insert into invitations (id, organization_id, project_id, email, role, secret_hash, invited_by, created_at, expires_at) values
  ('019b76da-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'cy@example.com', 'viewer', 'W0_-REEb3uSfNp5tPiNrh5ItCJ7In3GjV1hYvtB2E-8', 'Ann', '2026-01-02 06:00Z', now() + interval '5 days');
