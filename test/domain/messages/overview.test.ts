import { describe, expect, test } from 'vitest';
import type { DeploySnapshot } from '../../../domain/deploy/snapshot.ts';
import { renderOverview } from '../../../domain/messages/overview.ts';
import { createPaint } from '../../../domain/messages/parts/paint.ts';
import { planFor } from '../../support/plan.ts';

const now = new Date('2026-01-01T02:00:00.000Z');
const at = '2026-01-01T00:00:00.000Z';
const snapshot = (changes: Partial<DeploySnapshot> = {}): DeploySnapshot => ({
  ...{ place: { project: 'shop', environment: 'production' }, runId: 'r', running: true },
  ...{ state: 'RUNNING', startedAt: at, closedAt: null, requester: 'alice', phase: 'watch' },
  ...{ sealed: { plan: planFor(), gates: [], digest: 'd' } },
  ...{ status: null, pending: [], failing: null, ...changes },
});
const place = (environment: string) => ({ project: 'shop', environment });

describe('the overview', () => {
  test('has one line for each place, and says what cannot be known', () => {
    const closed = snapshot({ running: false, closedAt: '2026-01-01T01:00:00.000Z' });
    const failing = { attempt: 7, cause: 'a fault', since: at } as never;
    const states = [
      { place: place('production'), snapshot: closed, outcome: 'succeeded' },
      { place: place('staging'), snapshot: null, outcome: null },
      { place: place('eu'), snapshot: snapshot(), outcome: null },
      { place: place('us'), snapshot: snapshot({ failing }), outcome: null },
      { place: place('asia'), snapshot: { ...closed, state: 'TERMINATED' }, outcome: null },
    ];
    expect(renderOverview(states, { now, paint: createPaint(false) }).split('\n')).toEqual([
      'shop production  succeeded        1 h  bbbbbbb',
      'shop staging     never deployed',
      'shop eu          watch            2 h  bbbbbbb, waiting for: a worker',
      'shop us          cannot continue  2 h  bbbbbbb, see: plimsoll status shop us',
      'shop asia        terminated       1 h  bbbbbbb',
    ]);
  });
});
