-- table: password_resets
insert into password_resets (user_id, secret_hash, expires_at) values
  ('user-ben', '3W5Tp9SG2TJ7hnMKsNaEXLtGTPUn5XOYti82__diPv0', now() + interval '1 day');
