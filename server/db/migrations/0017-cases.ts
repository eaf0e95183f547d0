import { type Kysely, sql } from 'kysely';

/**
 * Cases (Playwright's tests), and the parts of a run. Earlier logs have a step of category `case` for each attempt of a
 * case; where a script's log has none, the script counts as one case.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table cases (
      id uuid primary key,
      project_id uuid not null references projects,
      test_id uuid references tests,
      project text not null,
      file text not null,
      title_path jsonb not null,
      title text not null,
      created_at timestamptz not null default now()
    )`,
    sql`create index cases_by_test on cases (test_id) where test_id is not null`,
    sql`create index cases_by_project on cases (project_id, id)`,
    sql`create table run_parts (
      run_id uuid not null references runs on delete cascade,
      part integer not null,
      status text not null,
      executor text,
      first_index integer not null default 0,
      total integer not null default 0,
      cases_hash text,
      started_at timestamptz,
      completed_at timestamptz,
      primary key (run_id, part)
    )`,
    sql`create table run_cases (
      run_id uuid not null references runs on delete cascade,
      index integer not null,
      case_id uuid not null references cases,
      part integer not null,
      position integer,
      is_script boolean not null default false,
      line integer,
      tags jsonb not null default '[]',
      annotations jsonb not null default '[]',
      status text not null default 'pending'
        check (status in ('pending','running','passed','failed','timed_out','skipped','interrupted')),
      attempt integer not null default 0,
      flaky boolean not null default false,
      quarantined boolean not null default false,
      duration_ms double precision,
      error jsonb,
      errors jsonb,
      fingerprint text,
      version bigint not null,
      started_at timestamptz,
      completed_at timestamptz,
      primary key (run_id, index)
    )`,
    sql`create index run_cases_by_case on run_cases (case_id, run_id desc)`,
    sql`create index run_cases_by_version on run_cases (run_id, version)`,
    sql`create index run_cases_by_fingerprint on run_cases (fingerprint, run_id) where fingerprint is not null`,
    sql`create table quarantines (
      case_id uuid primary key references cases,
      project_id uuid not null references projects,
      reason text not null,
      owner text not null,
      expires_at timestamptz,
      created_by text not null,
      created_at timestamptz not null default now()
    )`,
    sql`create index quarantines_by_project on quarantines (project_id)`,
    sql`alter table runs add column quarantined integer not null default 0`,
    sql`alter table run_events add column case_index integer, add column attempt integer`,
    sql`alter table artifacts add column case_index integer, add column attempt integer`,

    sql`insert into run_parts (run_id, part, status, total, started_at, completed_at)
      select id, 0, status, total, started_at, completed_at from runs`,
    sql`create temporary table old_attempts on commit drop as
      select run_id, position, title, line, status, duration, error, first_seq, last_seq, begun_at, ended_at,
        row_number() over (partition by run_id, position, title order by first_seq) - 1 as attempt
      from (
        select run_id, (payload->>'position')::integer as position, payload->>'title' as title,
          min((payload->>'line')::integer) as line, min(seq) as first_seq, max(seq) as last_seq,
          (array_agg(payload->>'status' order by seq desc))[1] as status,
          (array_agg((payload->>'duration')::double precision order by seq desc))[1] as duration,
          (array_agg(payload->'error' order by seq desc))[1] as error,
          min(at) as begun_at, max(at) as ended_at
        from run_events where type = 'step' and payload->>'category' = 'case'
        group by run_id, position, title, payload->>'id'
      ) as attempts`,
    sql`create temporary table old_cases on commit drop as
      select *, row_number() over (partition by run_id order by position, first_seq) - 1 as index from (
        select run_id, position, title, false as is_script, min(line) as line, min(first_seq) as first_seq,
          (array_agg(status order by attempt desc))[1] as status, max(attempt) as attempt,
          (array_agg(status order by attempt desc))[1] = 'passed' and bool_or(status in ('failed', 'timed_out')) as flaky,
          sum(duration) as duration,
          nullif((array_agg(error order by attempt desc))[1], 'null') as error, min(begun_at) as begun_at,
          max(ended_at) as ended_at
        from old_attempts group by run_id, position, title
        union all
        select run_id, position, '', true, null, 0, status, 0, flaky, duration_ms, nullif(error, 'null'), null, null
        from run_tests
        where not exists (
          select from old_attempts
          where old_attempts.run_id = run_tests.run_id and old_attempts.position = run_tests.position
        )
      ) as found`,
    // The identity of a case, as server/runs/case-id.ts makes it.
    sql`create temporary table old_identities on commit drop as
      select *, (substr(hash, 1, 12) || '8' || substr(hash, 14, 3) || 'a' || substr(hash, 18, 15))::uuid as case_id
      from (
        select old_cases.*, runs.project_id, run_tests.test_id, runs.version,
          encode(sha256(convert_to(
            coalesce(run_tests.test_id, runs.test_id, runs.job_id)::text || e'\x1e\x1e\x1e' || old_cases.title, 'UTF8'
          )), 'hex') as hash
        from old_cases
        join runs on runs.id = old_cases.run_id
        join run_tests on run_tests.run_id = old_cases.run_id and run_tests.position = old_cases.position
      ) as hashed`,
    sql`insert into cases (id, project_id, test_id, project, file, title_path, title)
      select distinct on (case_id) case_id, project_id, test_id, '', '',
        case when is_script then '[]' else to_jsonb(string_to_array(title, ' › ')) end, title
      from old_identities`,
    sql`insert into run_cases (run_id, index, case_id, part, position, is_script, line, status, attempt, flaky,
        duration_ms, error, errors, version, started_at, completed_at)
      select run_id, index, case_id, 0, position, is_script, line, status, attempt, flaky, duration, error,
        case when error is not null then jsonb_build_array(error) end, version, begun_at, ended_at
      from old_identities`,
    sql`create index on old_attempts (run_id, position, title)`,
    // The scripts of a run were executed one after the other.
    sql`update run_events set case_index = attempts.index, attempt = attempts.attempt
      from (
        select old_attempts.*, old_cases.index from old_attempts
        join old_cases on (old_cases.run_id, old_cases.position, old_cases.title)
          = (old_attempts.run_id, old_attempts.position, old_attempts.title)
      ) as attempts
      where run_events.run_id = attempts.run_id and run_events.seq between attempts.first_seq and attempts.last_seq
        and run_events.type in ('step', 'log') and (run_events.payload->>'position')::integer = attempts.position`,
    sql`create index run_events_by_case on run_events (run_id, case_index, seq) where case_index is not null`,
    sql`create index run_events_of_log on run_events (run_id, seq) where type in ('status', 'part', 'case', 'log')`,
    sql`update runs set total = counted.total, passed = counted.passed, failed = counted.failed,
        skipped = counted.skipped, not_run = counted.not_run, flaky = counted.flaky
      from (
        select run_id, count(*) as total, count(*) filter (where status = 'passed') as passed,
          count(*) filter (where status in ('failed', 'timed_out')) as failed,
          count(*) filter (where status = 'skipped') as skipped,
          count(*) filter (where status = 'skipped' and duration_ms is null) as not_run,
          count(*) filter (where flaky) as flaky
        from run_cases group by run_id
      ) as counted
      where counted.run_id = runs.id`,
    sql`update run_parts set total = runs.total from runs where runs.id = run_parts.run_id`,
  ];
  for (const statement of statements) await statement.execute(db);
}
