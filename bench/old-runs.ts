import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';

const casesOfJob = 300;
const perStatement = 20_000;

/** Of each run that `fillOldRuns` writes. */
export const ofEachRun = { cases: 3, events: 10, artifacts: 1 };

/** Writes so many runs that ended one after the other between 400 and 31 days ago, each with cases, a log and a screenshot. */
export async function fillOldRuns(db: Database, jobId: string, count: number, progress: (done: number) => void) {
  await sql`
    insert into cases (id, project_id, test_id, project, file, title_path, title)
    select md5('case ' || n)::uuid, ${defaultProjectId}, null, 'chromium', 'shop.spec.ts', jsonb_build_array('case ' || n), 'case ' || n
    from generate_series(0, ${casesOfJob - 1}::int) as n`.execute(db);
  for (let from = 0; from < count; from += perStatement) {
    const to = Math.min(count, from + perStatement) - 1;
    await sql`
      with numbered as (
        select n, now() - interval '400 days' + n * (interval '369 days' / ${count}::int) as at
        from generate_series(${from}::int, ${to}::int) as n
      ), old as (
        select n, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
          || '8' || substr(md5(n::text), 4, 15))::uuid as id from numbered
      ), of_runs as (
        insert into runs (id, project_id, kind, job_id, name, status, version, seq, activity_seq, trigger, queued_at, started_at,
          completed_at, duration_ms, total, passed)
        select id, ${defaultProjectId}, 'job', ${jobId}, 'Everything', 'passed', 8, ${ofEachRun.events}, n + 1, 'manual', at, at, at, 1000,
          ${ofEachRun.cases}, ${ofEachRun.cases} from old
      ), of_parts as (
        insert into run_parts (run_id, part, status, executor, total, started_at, completed_at)
        select id, 0, 'passed', 'worker', ${ofEachRun.cases}, at, at from old
      ), of_cases as (
        insert into run_cases (run_id, index, case_id, part, status, duration_ms, version, started_at, completed_at)
        select id, index, md5('case ' || (n + index) % ${casesOfJob}::int)::uuid, 0, 'passed', 300, index + 2, at, at
        from old, generate_series(0, ${ofEachRun.cases - 1}::int) as index
      ), of_artifacts as (
        insert into artifacts (id, run_id, kind, path, bytes, content_type)
        select gen_random_uuid(), id, 'screenshot', '/artifacts/' || id || '/a.png', 1, 'image/png' from old
      )
      insert into run_events (run_id, seq, type, case_index, attempt, payload, at)
      select id, seq, 'log', 0, 0, jsonb_build_object('type', 'log', 'stream', 'stdout', 'caseIndex', 0, 'attempt', 0,
        'text', 'GET /api/cart/' || n || '/' || seq || E' 200 in 12 ms\n'), at
      from old, generate_series(1, ${ofEachRun.events}::int) as seq`.execute(db);
    progress(to + 1);
  }
  await sql`update projects set activity_seq = ${count + 1} where id = ${defaultProjectId}`.execute(db);
  await sql`vacuum analyze`.execute(db);
}
