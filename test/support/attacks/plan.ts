import type { Decision } from '../../../domain/schema.ts';
import { form, off, policy } from './attack.ts';
import type { Attack, Form } from './attack.ts';
import { signed } from '../forgery.ts';

const past = '2026-01-01T00:00:00.000Z';
const future = '2099-01-01T00:00:00.000Z';

const about = (name: string, subject: Decision['subject']): Form => ({
  ...form(name, { subject }),
  why: () => `it is about "${subject}", and "ship" was asked`,
});
const one = (name: string, change: Partial<Decision>, rest: Omit<Attack, 'name' | 'forms'>) => ({
  name,
  forms: [form(name, change)],
  ...rest,
});

/** Genuine decisions about something else than this plan, now. */
export const aboutThePlan: Attack[] = [
  {
    name: 'one field more',
    why: 'it is not a signed decision: the message: Unrecognized key: "admin"',
    guard: [
      ['domain/schema.ts', 'SignedDecision = z.strictObject({', 'SignedDecision = z.object({'],
    ],
    forms: [{ name: 'beside the signature', send: (world) => ({ ...signed(world), admin: true }) }],
  },
  one(
    'for another commit',
    { sha: 'c'.repeat(40) },
    {
      why: ({ sealed }) => `it is for commit cccccccccccc, not ${sealed.plan.sha.slice(0, 12)}`,
      guard: [off(policy, 'decision.sha !== plan.sha')],
    },
  ),
  one(
    'for another project',
    { project: 'blog' },
    {
      why: ({ sealed }) => `it is for the project blog, not ${sealed.plan.project}`,
      guard: [off(policy, 'decision.project !== plan.project')],
    },
  ),
  one(
    'for another environment',
    { environment: 'staging' },
    {
      why: ({ sealed }) => `it is for staging, not ${sealed.plan.environment}`,
      guard: [off(policy, 'decision.environment !== plan.environment')],
    },
  ),
  one(
    'for another deploy',
    { deployId: 'd-000000000000' },
    {
      why: ({ sealed }) =>
        `it is for another deploy (d-000000000000); this one is ${sealed.plan.deployId}`,
      guard: [off(policy, 'decision.deployId !== plan.deployId')],
    },
  ),
  one(
    'for another plan',
    { subjectDigest: 'e'.repeat(64) },
    {
      why: ({ sealed }) =>
        `it is for another plan (digest eeeeeeeeeeee); this one is ${sealed.digest.slice(0, 12)}`,
      guard: [off(policy, 'decision.subjectDigest !== digest')],
    },
  ),
  one(
    'run out',
    { notAfter: past },
    {
      why: `it came too late: it ran out at ${past}`,
      guard: [[policy, 'if (Date.parse(now) > until) return', 'if (false) return']],
    },
  ),
  one(
    'made to last',
    { notAfter: future },
    {
      why: ({ sealed }) => `it runs until ${future}; the plan says ${sealed.plan.notAfter}`,
      guard: [[policy, 'return until <= Date.parse(plan.notAfter)', 'return true']],
    },
  ),
  {
    name: 'about another question',
    why: '',
    guard: [off(policy, 'decision.subject !== subject')],
    forms: [
      about('to keep', 'keep'),
      about('to lift', 'lift'),
      about('to waive', 'waive'),
      about('to stop the line', 'stop'),
      about('to lift a stop', 'resume'),
      about('of a first deploy', 'first'),
    ],
  },
];
