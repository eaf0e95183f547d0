/**
 * What the reporter of 0.1 says in a run. It stays as it is: packages of that version are in lock files of teams, and later servers
 * are to understand them.
 */
export const reporter01 = {
  begin: {
    suite: 'shop of 0.1',
    build: { id: 'github-1', attempt: null, url: null, provider: 'github' },
    commit: { branch: 'main', sha: 'a1b2c3d', message: 'fix: pay', author: 'Ada', pullRequest: null },
    shard: null,
    executor: 'ci-1',
    versions: { playwright: '1.55.1', reporter: '0.1.0', node: 'v20.19.0' },
  },
  entries: [
    {
      type: 'cases',
      cases: [
        {
          position: null,
          project: 'chromium',
          file: 'pay.spec.ts',
          titlePath: ['pays'],
          line: 3,
          tags: ['@fast'],
          annotations: [{ type: 'issue', description: null }],
        },
      ],
    },
    { type: 'case', index: 0, status: 'running', attempt: 0, flaky: false, duration: null, errors: [] },
    {
      type: 'step',
      id: '1',
      parentId: null,
      status: 'running',
      duration: null,
      line: 3,
      caseIndex: 0,
      attempt: 0,
      category: 'case',
      title: 'pays',
      error: null,
    },
    { type: 'log', stream: 'stdout', text: 'GET /cart\n', caseIndex: 0, attempt: 0 },
    {
      type: 'artifact',
      file: 'attachments/0/0/1-notes.txt',
      kind: 'log',
      name: 'notes',
      contentType: 'text/plain',
      caseIndex: 0,
      attempt: 0,
    },
    { type: 'error', error: { message: 'outside of cases', snippet: null, line: null, column: null } },
    {
      type: 'case',
      index: 0,
      status: 'failed',
      attempt: 0,
      flaky: false,
      duration: 12.5,
      errors: [{ message: 'no', snippet: 'code', line: 4, column: 1 }],
      annotations: [],
    },
  ],
  finish: { status: 'failed', undelivered: 'one file', report: null },
} as const;
