import { describe, expect, test } from 'vitest';
import {
  incidentsIn,
  renderIncident,
  renderIncidents,
} from '../../../client/commands/incidents.ts';
import { exitCodeOfAll, renderReconciled } from '../../../client/commands/reconcile.ts';
import type { Entry } from '../../../domain/contract/activities.ts';
import type { Outcome, ReconcileReport } from '../../../domain/deploy/plan.ts';

const entry = (kind: Entry['kind'], deployId: string, body: object): Entry => ({
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  kind,
  key: `${deployId}/${kind}`,
  ...{ deployId, project: 'shop', environment: 'production', hash: '' },
  body: { ...body },
});
const opened = (id: string) =>
  entry('incident', id, {
    incident: `incident-${id}`,
    severity: 'SEV2',
    due: '2026-01-02T00:00:00.000Z',
    cause: { detail: 'core: 500' },
    draft: '# SEV2\n\n## Timeline\n- \u001b[2Jplanning',
  });
const closed = entry('incident-closed', 'a', { incident: 'incident-a', by: 'ana', note: 'wiki/7' });
const reverted = entry('revert', 'b', { sha: null, note: 'main was reverted' });

describe('incidents', () => {
  const all = incidentsIn([closed, reverted, opened('a'), opened('b')]);

  test('are listed with the open ones first, what is due, and who closed', () => {
    expect(renderIncidents(all)).toBe(
      '2026-01-01T00:00:00.000Z SEV2 incident-b shop production: ' +
        'OPEN, post-mortem due 2026-01-02T00:00:00.000Z: core: 500\n' +
        '2026-01-01T00:00:00.000Z SEV2 incident-a shop production: closed by ana: core: 500',
    );
    expect(renderIncidents([])).toBe('No incident is recorded yet.');
  });

  test('show one draft, line by line and without terminal codes', () => {
    const [open, done] = all;
    expect(renderIncident(open!)).toBe(
      '# SEV2\n\n## Timeline\n- \\u001B[2Jplanning\n\n' + 'The branch: main was reverted',
    );
    expect(renderIncident(done!)).toContain('Closed by ana at 2026-01-01T00:00:00.000Z: wiki/7');
  });
});

describe('reconcile', () => {
  type Whole = ReconcileReport & { failing: never[]; unread: never[] };
  const report = (...outcomes: (Outcome | null)[]): Whole => ({
    failing: [],
    unread: [],
    deploys: outcomes.map((outcome) => ({
      ...{ deployId: 'a', project: 'shop', environment: 'production', sha: 'b'.repeat(40) },
      how: 'was terminated',
      outcome,
      detail: 'restored',
    })),
  });

  test('reports the result of each deploy, and what to type next', () => {
    expect(renderReconciled(report('rolled-back', null))).toBe(
      'shop production bbbbbbb: rolled-back: restored\n' +
        '  See: plimsoll history shop production\n' +
        'shop production bbbbbbb: open: restored\n' +
        '  See: plimsoll status shop production',
    );
    expect(renderReconciled(report())).toBe(
      'No deploy was lost: every deploy is open, or has ended.',
    );
  });

  test('exits 0 when all are fully old again, 8 while a rollback runs, 1 when a person is needed', () => {
    expect(exitCodeOfAll(report())).toBe(0);
    expect(exitCodeOfAll(report('aborted', 'rolled-back'))).toBe(0);
    expect(exitCodeOfAll(report('rolled-back', null))).toBe(8);
    expect(exitCodeOfAll(report(null, 'rollback-failed'))).toBe(1);
    expect(exitCodeOfAll(report('rolled-back', 'rolled-back-still-failing'))).toBe(9);
  });

  test('names the open deploys that Plimsoll cannot continue, and exits 1', () => {
    const failing = { count: 3, since: '2026-01-01T00:00:00.000Z', cause: 'Fatal error' };
    const place = { project: 'shop', environment: 'staging' };
    const found = { ...report(), failing: [{ place, failing }] };
    expect(renderReconciled(found)).toBe(
      'shop staging: Plimsoll cannot continue this deploy: ' +
        '3 workflow tasks failed since 00:00:00Z: Fatal error\n' +
        '  End it and finish its rollback: plimsoll recover shop staging',
    );
    expect(exitCodeOfAll(found)).toBe(1);
  });

  test('names the deploys that could not be read, and exits 1', () => {
    const place = { project: 'shop', environment: 'staging' };
    const why = 'the server has no history';
    const found = { ...report('rolled-back'), unread: [{ place, why }] };
    expect(renderReconciled(found)).toBe(
      'shop production bbbbbbb: rolled-back: restored\n' +
        '  See: plimsoll history shop production\n' +
        'shop staging: the state of this deploy could not be read: the server has no history\n' +
        '  Read it again: plimsoll status shop staging',
    );
    expect(exitCodeOfAll(found)).toBe(1);
  });
});
