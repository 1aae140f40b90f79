import type { CostLine, Reservation } from '../../../domain/deploy/budget.ts';
import { isOver, usedOf } from '../../../domain/budget/budget.ts';
import type { Spending } from '../../../domain/deploy/budget.ts';

export const noon = Date.parse('2026-11-24T12:00:00Z');

export const cost = (key: string, over: Partial<CostLine> = {}): CostLine => ({
  key,
  file: 'f',
  startAt: 0,
  line: 1,
  path: '/var/costs.jsonl',
  at: '2026-11-24T08:00:00.000Z',
  agent: 'ci-bot',
  model: 'm-1',
  inputTokens: 10,
  outputTokens: 5,
  micros: 1_000_000,
  why: null,
  ...over,
});

export const asked = (deployId: string, over: Partial<Reservation> = {}): Reservation => ({
  deployId,
  project: 'shop',
  environment: 'production',
  agent: null,
  micros: 1_000_000,
  at: new Date(noon).toISOString(),
  ...over,
});

/** Decides like the budget gate, but checks only a daily limit. */
export const within = (limit: number, micros: number) => (spending: Spending) => ({
  reserve: !isOver(usedOf(spending, null).day, limit, micros),
});
