import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#server/db/database.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { commitRun } from '#server/runs/commit-run.ts';

export interface RunSize {
  cases: number;
  events: number;
}

const parts = 4;
const casesPerFile = 20;

/**
 * Writes a finished run of a suite and resolves to its id. The cases are in four parts, and one in forty has failed. Of the
 * entries of the log, each fourth is a line of output; the others are steps.
 */
export async function fillRun(db: Database, { cases, events }: RunSize): Promise<string> {
  const jobId = uuidv7();
  await db
    .insertInto('jobs')
    .values({ id: jobId, projectId: defaultProjectId, name: 'Everything', schedule: null })
    .execute();
  const now = new Date();
  const run = {
    id: uuidv7(),
    projectId: defaultProjectId,
    kind: 'job' as const,
    testId: null,
    jobId,
    name: 'Everything',
    status: 'failed' as const,
    version: 2 * cases,
    seq: events,
    activitySeq: 1,
    trigger: 'manual' as const,
    queuedAt: now,
    startedAt: now,
    completedAt: now,
    durationMs: 600_000,
    errorDetails: 'expect(locator).toBeVisible() failed',
    total: cases,
    failed: Math.ceil(cases / 40),
    passed: cases - Math.ceil(cases / 40),
  };
  await db.insertInto('runs').values(run).execute();
  const perPart = Math.ceil(cases / parts);
  await sql`insert into run_parts (run_id, part, status, executor, first_index, total, cases_hash, started_at, completed_at)
    select ${run.id}, part, 'failed', 'ci-' || part, part * ${perPart}::int, ${perPart}, md5(part::text), now(), now()
    from generate_series(0, ${parts - 1}::int) as part`.execute(db);
  // Words chosen by a hash, so that titles repeat themselves no more than people's do.
  const word = (n: string, salt: string, words: string[]) =>
    sql`(${words}::text[])[1 + abs(hashint4(${sql.raw(n)} + ${sql.lit(salt.length * 7919)})) % ${sql.lit(words.length)}]`;
  const subjects = [
    'cart',
    'search',
    'account',
    'checkout',
    'profile',
    'invoices',
    'orders',
    'settings',
    'login',
    'export',
  ];
  const verbs = ['adds', 'removes', 'shows', 'keeps', 'refuses', 'sorts', 'filters', 'restores', 'renames', 'sends'];
  const things = [
    'an item',
    'the total',
    'an address',
    'a voucher',
    'the last page',
    'a draft',
    'two columns',
    'a reminder',
  ];
  const circumstances = [
    'as a guest',
    'after a reload',
    'on a slow network',
    'with a keyboard',
    'twice',
    'in another tab',
    'offline',
  ];
  await sql`
    with numbered as (
      select index, index / ${casesPerFile}::int as file, gen_random_uuid() as id,
        ${word('index', 'v', verbs)} || ' ' || ${word('index', 'th', things)} || ' ' ||
          ${word('index', 'cir', circumstances)} || ' (' || index || ')' as title,
        ${word('index / 20', 'su', subjects)} as subject
      from generate_series(0, ${cases - 1}::int) as index
    ), identities as (
      insert into cases (id, project_id, test_id, project, file, title_path, title)
      select id, ${defaultProjectId}, null, 'chromium', 'tests/' || subject || '/' || subject || '-' || file || '.spec.ts',
        jsonb_build_array(subject, title), subject || ' › ' || title
      from numbered
    )
    insert into run_cases (run_id, index, case_id, part, line, tags, status, attempt, duration_ms, error, errors, fingerprint,
      version, started_at, completed_at)
    select ${run.id}, index, id, index / ${perPart}::int, 3 + index % ${casesPerFile}::int * 12,
      case when index % 7 = 0 then '["@slow"]'::jsonb else '[]' end,
      case when index % 40 = 0 then 'failed' else 'passed' end, 0, abs(hashint4(index)) % 9000,
      case when index % 40 = 0 then jsonb_build_object('message', 'expect(locator).toBeVisible() failed') end, null,
      case when index % 40 = 0 then 'fingerprint-' || index / 40 % 20 end, index * 2 + 2, now(), now()
    from numbered`.execute(db);
  await sql`
    insert into run_events (run_id, seq, type, case_index, attempt, payload, at)
    select ${run.id}, seq, case when seq % 4 = 0 then 'log' else 'step' end, case_index, 0,
      case when seq % 4 = 0 then jsonb_build_object('type', 'log', 'stream', 'stdout', 'caseIndex', case_index, 'attempt', 0,
        'text', 'GET /api/' || ${word('seq::int', 'su', subjects)} || '/' || hashint4(seq::int) || ' 200 in ' || seq % 97 || E' ms\n')
      else jsonb_build_object('type', 'step', 'position', 0, 'caseIndex', case_index, 'attempt', 0, 'id', 's' || seq / 2,
        'parentId', 'c' || case_index, 'category', 'pw:api', 'title', 'Click getByRole(''button'', { name: ''Add to cart'' })',
        'status', 'passed', 'duration', seq % 90, 'error', null, 'line', 12) end, now()
    from (
      select seq, ((seq - 1) * ${cases}::bigint / ${events}::bigint)::int as case_index
      from generate_series(1, ${events}::bigint) as seq
    ) as entry`.execute(db);
  return run.id;
}

/** A run of one script that this worker executes, with its cases listed. Resolves to its id. */
export async function beginRun(db: Database, workerId: string, cases: number): Promise<string> {
  const writer = {
    db,
    publisher: { publish() {}, flush: async () => {} },
    queueStats: { changed() {} },
    notifier: { wake() {} },
  };
  const testId = uuidv7();
  await db.insertInto('tests').values({ id: testId, projectId: defaultProjectId, name: 'Busy', script: ' ' }).execute();
  const run = { id: uuidv7(), projectId: defaultProjectId, kind: 'test' as const, testId, name: 'Busy' };
  await db
    .insertInto('runs')
    .values({ ...run, status: 'queued', activitySeq: 1, trigger: 'manual', queuedAt: new Date(), total: 1 })
    .execute();
  await db.insertInto('runTests').values({ runId: run.id, position: 0, testId, name: 'Busy', script: ' ' }).execute();
  await db.insertInto('runParts').values({ runId: run.id, part: 0, status: 'queued', total: 1 }).execute();
  await commitRun(writer, run.id, { from: ['queued'], to: 'running', claimedBy: workerId });
  const listed = Array.from({ length: cases }, (_, index) => ({
    position: 0,
    project: '',
    file: '',
    titlePath: ['checkout', `pays by card ${index}`],
    line: 3 + index,
    tags: [],
    annotations: [],
  }));
  await commitRun(writer, run.id, { from: ['running'], listed: { part: 0, cases: listed } });
  return run.id;
}
