import { beforeAll, expect, test } from 'vitest';
import type { createApproval as Create } from '../../activities/approval.ts';
import { openLedger } from '../../activities/ledger.ts';
import { attacks } from '../support/attacks.ts';
import { forgedPlace } from '../support/forged-place.ts';
import type { ForgedPlace } from '../support/forged-place.ts';
import { unguarded } from '../support/unguarded.ts';
import type { Edit } from '../support/unguarded.ts';

type Approval = { createApproval: typeof Create };
const policy = 'domain/policy/approval.ts';
const signatures = 'activities/signatures.ts';

/** `lets` are the attacks that nothing else keeps out. */
type Guard = { name: string; edits: Edit[]; lets: string[] };

const off = (name: string, file: string, test: string, ...lets: string[]): Guard => ({
  ...{ name, lets },
  edits: [[file, `if (${test})`, 'if (false)']],
});
const eligible: Edit = [
  policy,
  'if (rule.eligible.includes(approver)) return null;',
  'return null;',
];
const known: Edit = [
  policy,
  'if (!people.approvers.includes(approver)) return',
  'if (false) return',
];
const knowsAll: Edit = [
  policy,
  'const known = it.people.approvers.includes(decision.approver)',
  'const known = true',
];
const late: Edit = [policy, 'if (Date.parse(now) > until) return', 'if (false) return'];
const until: Edit = [policy, 'return until === Date.parse(plan.notAfter)', 'return true'];

const guards: Guard[] = [
  off(
    'what was asked',
    policy,
    'decision.subject !== subject',
    'to keep',
    'to lift',
    'to waive',
    'to stop the line',
    'to lift a stop',
    'of a first deploy',
  ),
  off('the deploy', policy, 'decision.deployId !== plan.deployId', 'for another deploy'),
  off('the project', policy, 'decision.project !== plan.project', 'for another project'),
  off(
    'the environment',
    policy,
    'decision.environment !== plan.environment',
    'for another environment',
  ),
  off('the commit', policy, 'decision.sha !== plan.sha', 'for another commit'),
  off('the digest', policy, 'decision.subjectDigest !== digest', 'for another plan'),
  { name: 'the end that the plan says', edits: [until], lets: ['made to last'] },
  { name: 'any end', edits: [late, until], lets: ['run out', 'made to last'] },
  {
    name: 'four eyes',
    edits: [eligible],
    lets: ['by the requester', 'by the author', 'by the committer', 'by a co-author'],
  },
  off('revocation', signatures, 'await isRevoked(key, revoked, program)', 'by a revoked key'),
  // Revocation is asked of the key that signed: of nobody else's.
  {
    name: 'whose key it is',
    edits: [[signatures, 'publicKey === claimed.publicKey', 'true']],
    lets: ['by a revoked key'],
  },
  {
    name: 'the check of the signature',
    edits: [[signatures, 'if (exitCode === 0) return', 'if (true) return']],
    lets: [
      'a no turned round',
      'a nonce replaced',
      'this plan under a signature for another',
      'over JSON that is not canonical',
      'by a key that ran out',
      'by a key that is not valid yet',
    ],
  },
  // Two guards stand in the way of these: each alone keeps them out.
  off('agents', policy, 'people.requesters.includes(approver)'),
  { name: 'the list of approvers', edits: [known, knowsAll], lets: [] },
  {
    name: 'the verdict on the signature',
    edits: [[policy, 'signature.ok\n    ? null\n    : `the', 'true\n    ? null\n    : `the']],
    lets: [],
  },
  { name: 'a late answer', edits: [late], lets: [] },
  off('the namespace', signatures, 'claimed.namespace !== namespace'),
];

let at: ForgedPlace;
beforeAll(() => {
  at = forgedPlace();
});

test.each(guards)('without $name: only what it kept out comes in', async (guard) => {
  const { load, end } = unguarded(guard.edits);
  const { createApproval } = await load<Approval>('activities/approval.ts');
  const ledger = await openLedger({ path: ':memory:' });
  const { ruleOnDecision } = createApproval({ config: () => at.config, ledger, now: () => at.now });
  const accepted: string[] = [];
  for (const attack of attacks) {
    const signed = attack.send(at.world);
    const { verdict } = await ruleOnDecision({ sealed: at.world.sealed, signed, earlier: [] });
    if (verdict === 'counted') accepted.push(attack.name);
  }
  end();
  expect(accepted).toEqual(guard.lets);
});
