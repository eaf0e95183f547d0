-- table: suite_plans
insert into suite_plans (run_id, plan) values
  ('019b76da-0000-7000-8000-0000000000c6', '[[{"project": "", "file": "pay.spec.ts", "titlePath": ["pays"]}]]');
