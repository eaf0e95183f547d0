import { expect } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { type AuditFixture, secret } from './audit-fixture.ts';
import { createBadgeChanges } from './badge-changes.ts';
import { createMemberChanges } from './member-changes.ts';
import { createNotificationChanges } from './notification-changes.ts';
import { createReportChanges } from './report-changes.ts';
import { createShareLinkChanges } from './share-link-changes.ts';
import { createSuiteChanges } from './suite-changes.ts';

const unknownId = '018f0000-0000-7000-8000-000000000000';

/** A change that one call of a mutation makes, and its audit event. */
export interface Change {
  input: object;
  event: object;
  /** The same call again is refused, or changes nothing. */
  unlessRepeated?: boolean;
  /** The project that is asked, if not the one that the test is about. */
  project?: string;
  /** How many events, where each organisation that it concerns has its own, or none is written. */
  events?: number;
  refused: object;
}

/** Makes, for each mutation, a change that it can make once. */
export function createMutationChanges(fixture: AuditFixture): Record<string, () => Promise<Change>> {
  const { app, ada, createTest, createJob, startRun, endedRun, quarantinedCase, takenSnapshot } = fixture;
  return {
    ...createBadgeChanges(fixture),
    ...createMemberChanges(fixture),
    ...createNotificationChanges(fixture),
    ...createReportChanges(fixture),
    ...createShareLinkChanges(fixture),
    ...createSuiteChanges(fixture),
    'tests.create': async () => ({
      input: { name: 'Log in', script: `// ${secret}` },
      event: { action: 'test.created', targetKind: 'test', targetId: expect.any(String), targetName: 'Log in' },
      refused: { name: '', script: 'x' },
    }),
    'tests.update': async () => {
      const { id: testId } = await createTest('Before');
      return {
        input: { testId, name: 'After', script: `// ${secret}, too`, settings: { use: { locale: 'de-DE' } } },
        event: {
          action: 'test.updated',
          targetId: testId,
          targetName: 'After',
          details: {
            changes: {
              name: { from: 'Before', to: 'After' },
              script: null,
              'use.locale': { from: null, to: 'de-DE' },
            },
          },
        },
        unlessRepeated: true,
        refused: { testId, name: 'Later', expectedUpdatedAt: '2020-01-01T00:00:00.000Z' },
      };
    },
    'tests.archive': async () => {
      const { id: testId } = await createTest('Old');
      const used = await createJob();
      return {
        input: { testId },
        event: { action: 'test.archived', targetId: testId, targetName: 'Old' },
        unlessRepeated: true,
        refused: { testId: used.tests[0]!.id },
      };
    },
    'tests.restore': async () => {
      const { id: testId } = await createTest('Back again');
      await ada.api.tests.archive.mutate({ testId });
      return {
        input: { testId },
        event: { action: 'test.restored', targetId: testId, targetName: 'Back again' },
        unlessRepeated: true,
        refused: { testId: unknownId },
      };
    },
    'snapshots.accept': async () => {
      const { runId, testId, artifactPath } = await takenSnapshot('home.png');
      return {
        input: { runId, artifactPath },
        event: {
          action: 'snapshot.accepted',
          targetKind: 'test',
          targetId: testId,
          details: { snapshot: 'home.png' },
        },
        unlessRepeated: true,
        refused: { runId, artifactPath: `${artifactPath}.png` },
      };
    },
    'snapshots.remove': async () => {
      const { runId, testId, artifactPath } = await takenSnapshot('about.png');
      await ada.api.snapshots.accept.mutate({ runId, artifactPath });
      return {
        input: { testId, path: 'about.png' },
        event: { action: 'snapshot.removed', targetKind: 'test', targetId: testId, details: { snapshot: 'about.png' } },
        unlessRepeated: true,
        refused: { testId, path: 'home.png' },
      };
    },
    'tests.run': async () => {
      const { id: testId } = await createTest('Runs');
      return {
        input: { testId, idempotencyKey: 'build-1' },
        event: { action: 'run.started', targetKind: 'run', targetName: 'Runs', details: {} },
        unlessRepeated: true,
        refused: { testId: unknownId },
      };
    },
    'jobs.create': async () => {
      const { id: testId } = await createTest();
      return {
        input: { name: 'Nightly', testIds: [testId] },
        event: { action: 'job.created', targetKind: 'job', targetName: 'Nightly' },
        refused: { name: 'Nightly', testIds: [unknownId] },
      };
    },
    'jobs.update': async () => {
      const { id: jobId } = await createJob();
      const { id: testId } = await createTest('Another');
      return {
        input: { jobId, schedule: '0 7 * * 1', testIds: [testId] },
        event: {
          action: 'job.updated',
          targetId: jobId,
          details: { changes: { schedule: { from: null, to: '0 7 * * 1' }, tests: { from: 'A test', to: 'Another' } } },
        },
        unlessRepeated: true,
        refused: { jobId, name: 'Weekly', testIds: [unknownId] },
      };
    },
    'jobs.archive': async () => {
      const { id: jobId } = await createJob('Old');
      return {
        input: { jobId },
        event: { action: 'job.archived', targetId: jobId, targetName: 'Old' },
        unlessRepeated: true,
        refused: { jobId: unknownId },
      };
    },
    'jobs.restore': async () => {
      const { id: jobId } = await createJob('Back again');
      await ada.api.jobs.archive.mutate({ jobId });
      return {
        input: { jobId },
        event: { action: 'job.restored', targetId: jobId, targetName: 'Back again' },
        unlessRepeated: true,
        refused: { jobId: unknownId },
      };
    },
    'jobs.run': async () => {
      const { id: jobId } = await createJob('Both');
      return {
        input: { jobId, idempotencyKey: 'build-2' },
        event: { action: 'run.started', targetKind: 'run', targetName: 'Both' },
        unlessRepeated: true,
        refused: { jobId: unknownId },
      };
    },
    'runs.cancel': async () => {
      const { runId } = await startRun('Waits');
      await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
      return {
        input: { runId },
        event: { action: 'run.cancelled', targetId: runId, targetName: 'Waits' },
        unlessRepeated: true,
        refused: { runId: await endedRun('Over') },
      };
    },
    'runs.retry': async () => {
      const runId = await endedRun('Once more');
      const { runId: live } = await startRun();
      return {
        input: { runId },
        event: { action: 'run.started', targetName: 'Once more', details: { retryOf: runId } },
        refused: { runId: live },
      };
    },
    'variables.set': async () => ({
      input: { name: 'API_TOKEN', value: secret },
      event: { action: 'variable.set', targetKind: 'variable', targetId: null, targetName: 'API_TOKEN', details: {} },
      refused: { name: 'PATH', value: secret },
    }),
    'variables.remove': async () => {
      await ada.api.variables.set.mutate({ name: 'OLD_TOKEN', value: secret });
      return {
        input: { name: 'OLD_TOKEN' },
        event: { action: 'variable.removed', targetName: 'OLD_TOKEN' },
        unlessRepeated: true,
        refused: { name: 'NO_TOKEN' },
      };
    },
    'cases.quarantine': async () => {
      const caseId = await quarantinedCase('Shaky');
      const quarantine = {
        reason: 'The mail server is slow',
        owner: 'Team Mail',
        expiresAt: '2126-01-01T00:00:00.000Z',
      };
      return {
        input: { caseId, ...quarantine },
        event: { action: 'case.quarantined', targetKind: 'case', targetName: 'Shaky', details: quarantine },
        unlessRepeated: true,
        refused: { caseId: unknownId, ...quarantine },
      };
    },
    'cases.repeat': async () => {
      const caseId = await quarantinedCase('Repeated');
      // As Playwright lists it; no worker runs here.
      const listed = app.services.db.updateTable('cases').set({ titlePath: JSON.stringify(['pays']) });
      await listed.where('id', '=', caseId).execute();
      return {
        input: { caseId, times: 2, idempotencyKey: 'twice' },
        event: { action: 'run.started', targetKind: 'run', details: {} },
        unlessRepeated: true,
        refused: { caseId: unknownId, times: 2 },
      };
    },
    'cases.release': async () => {
      const caseId = await quarantinedCase('Mended');
      return {
        input: { caseId },
        event: { action: 'case.released', targetKind: 'case', targetId: caseId, targetName: 'Mended' },
        unlessRepeated: true,
        refused: { caseId: unknownId },
      };
    },
    'projects.create': async () => ({
      input: { name: 'Shop' },
      event: { action: 'project.created', targetName: 'Shop', projectId: null },
      refused: { name: '' },
    }),
    'projects.rename': async () => ({
      input: { name: `Renamed ${Date.now()}` },
      event: { action: 'project.renamed', targetId: app.projectId },
      unlessRepeated: true,
      refused: { name: '' },
    }),
    'projects.updateSettings': async () => {
      await ada.api.projects.updateSettings.mutate({ settings: { retries: 1 } });
      return {
        input: { settings: { retries: 2, use: { viewport: { width: 800, height: 600 } } } },
        event: {
          action: 'project.settings_changed',
          targetId: app.projectId,
          details: {
            changes: { retries: { from: 1, to: 2 }, 'use.viewport': { from: null, to: '800 × 600' } },
          },
        },
        unlessRepeated: true,
        refused: { settings: { device: 'Abacus' } },
      };
    },
    'projects.move': async () => {
      const { projectId } = await ada.api.projects.create.mutate({ name: 'Moves' });
      const { organizationId } = await ada.api.organizations.create.mutate({ name: 'Another' });
      return {
        project: projectId,
        input: { organizationId },
        event: { action: 'project.moved', targetId: projectId, targetName: 'Moves', projectId: null },
        events: 2,
        unlessRepeated: true,
        refused: { organizationId: unknownId },
      };
    },
    'organizations.create': async () => ({
      input: { name: 'Acme', project: 'Shop' },
      event: { action: 'organization.created', targetKind: 'organization', targetName: 'Acme', projectId: null },
      refused: { name: '' },
    }),
    'organizations.rename': async () => ({
      input: { name: `Renamed ${Date.now()}` },
      event: { action: 'organization.renamed', targetKind: 'organization', projectId: null },
      unlessRepeated: true,
      refused: { name: '' },
    }),
  };
}
