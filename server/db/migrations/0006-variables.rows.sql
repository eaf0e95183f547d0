-- table: variables
insert into variables (project_id, name, value, updated_at) values
  ('00000000-0000-7000-8000-000000000001', 'API_TOKEN', 'v1.c2VhbGVk', '2026-01-02 06:00Z');
