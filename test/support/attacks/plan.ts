import type { Decision } from '../../../domain/config/config.ts';
import { form, off, policy } from './attack.ts';
import type { Attack, Form } from './attack.ts';
import { signed } from '../forgery.ts';

const past = '2026-01-01T00:00:00.000Z';
const future = '2099-01-01T00:00:00.000Z';

const about = (name: string, subject: Decision['subject']): Form => ({
  ...form(name, { subject }),
  why: () => `the decision is about "${subject}", but the question is "deploy"`,
});
const one = (name: string, change: Partial<Decision>, rest: Omit<Attack, 'name' | 'forms'>) => ({
  name,
  forms: [form(name, change)],
  ...rest,
});

/** Genuine decisions that are for another plan, another time or another question. */
export const aboutThePlan: Attack[] = [
  {
    name: 'one field more',
    why: 'it is not a signed decision, because the message is not valid: Unrecognized key: "admin"',
    guard: [
      [
        'domain/config/config.ts',
        'SignedDecision = z.strictObject({',
        'SignedDecision = z.object({',
      ],
    ],
    forms: [{ name: 'beside the signature', send: (world) => ({ ...signed(world), admin: true }) }],
  },
  one(
    'for another commit',
    { sha: 'c'.repeat(40) },
    {
      why: ({ sealed }) =>
        `the decision is for commit cccccccccccc, not for ${sealed.plan.sha.slice(0, 12)}`,
      guard: [off(policy, 'decision.sha !== plan.sha')],
    },
  ),
  one(
    'for another project',
    { project: 'blog' },
    {
      why: ({ sealed }) => `the decision is for the project blog, not for ${sealed.plan.project}`,
      guard: [off(policy, 'decision.project !== plan.project')],
    },
  ),
  one(
    'for another environment',
    { environment: 'staging' },
    {
      why: ({ sealed }) => `the decision is for staging, not for ${sealed.plan.environment}`,
      guard: [off(policy, 'decision.environment !== plan.environment')],
    },
  ),
  one(
    'for another deploy',
    { deployId: 'd-000000000000' },
    {
      why: ({ sealed }) =>
        `the decision is for the deploy d-000000000000, not for ${sealed.plan.deployId}`,
      guard: [off(policy, 'decision.deployId !== plan.deployId')],
    },
  ),
  one(
    'for another plan',
    { subjectDigest: 'e'.repeat(64) },
    {
      why: ({ sealed }) =>
        'the decision is for the plan with digest eeeeeeeeeeee, ' +
        `but the digest of this plan is ${sealed.digest.slice(0, 12)}`,
      guard: [off(policy, 'decision.subjectDigest !== digest')],
    },
  ),
  one(
    'run out',
    { notAfter: past },
    {
      why: `the decision expired at ${past}`,
      guard: [[policy, 'if (Date.parse(now) > until) return', 'if (false) return']],
    },
  ),
  one(
    'made to last',
    { notAfter: future },
    {
      why: ({ sealed }) =>
        `the decision is valid until ${future}, but the plan expires earlier (${sealed.plan.notAfter})`,
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
