import type { ApprovalRule } from '../domain/deploy/plan.ts';
import { awaited, fewest, helpful } from '../domain/approval/quorum.ts';
import { median, within } from './row.ts';
import type { Row } from './row.ts';

const people = Array.from({ length: 200 }, (_, index) => `person${index}`);
const of = (number: number) => people[number % people.length] ?? '';

/**
 * A large approval rule. Every third of its 300 commits has two authors. About one person in seven
 * has each of the ten roles.
 */
const rule: ApprovalRule = {
  required: 2,
  reasons: [],
  eligible: people,
  notAlone: Array.from({ length: 300 }, (_, commit) =>
    commit % 3 === 0 ? [of(commit), of(commit * 7 + 1)] : [of(commit)],
  ),
  roles: Array.from({ length: 10 }, (_, role) => ({
    name: `role${role}`,
    people: people.filter((_name, index) => (index * (role + 3) + role) % 7 === 0),
  })),
  solo: 'off',
};

const runs = 31;

function timed(what: string, work: () => unknown): Row {
  const times = Array.from({ length: runs }, () => {
    const from = process.cpuUsage();
    work();
    return process.cpuUsage(from).user / 1000;
  });
  return within(what, median(times), 5, (value) => `${value.toFixed(2)} ms`);
}

/**
 * Measures three calculations about the quorum of approvals. The worker makes them once for each
 * plan, and a workflow at each change of its status.
 */
export const quorumRows = (): Row[] => [
  timed('quorum: awaited people (of 200, with 10 roles)', () => awaited(rule, [of(7)])),
  timed('quorum: fewest approvals that suffice', () => fewest(people, rule)),
  timed('quorum: people whose approval helps', () => helpful(people, rule)),
];
