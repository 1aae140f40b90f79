import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createApproval } from '../../activities/approval.ts';
import { openLedger, type Ledger } from '../../activities/ledger.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { decideRule } from '../../domain/policy/rule.ts';
import { Config } from '../../domain/schema.ts';
import { attacks, whyOf } from '../support/attacks.ts';
import { makeKeys, peopleOf, signed } from '../support/forgery.ts';
import type { World } from '../support/forgery.ts';
import { openGate, planFor } from '../support/plan.ts';

const noon = Date.parse('2026-11-24T12:00:00.000Z');
const notAfter = '2026-11-24T14:00:00.000Z';

let world: World;
let config: Config;
let ledger: Ledger;
beforeAll(() => {
  const keys = makeKeys();
  config = Config.parse({ ...peopleOf(keys), projects: {} });
  const commit = { sha: 'b'.repeat(40), title: 'Take cards' };
  const emails = ['robin', 'kim', 'lee', 'morgan'].map((name) => `${name}@example.com`);
  const decided = decideRule({
    ...{ environment: 'production', commits: [{ ...commit, emails }], unknownCommits: 0 },
    ...{ approvers: config.approvers, requesters: config.requesters, bots: [] },
    ...{ requestedBy: 'morgan', solo: 'off', firstDeploy: false, offBranch: null },
  });
  if ('impossible' in decided) throw new Error(decided.impossible.join('; '));
  const plan = planFor({ requestedBy: 'morgan', rule: decided.rule, notAfter });
  const gates = [openGate('tests', '2026-11-24T12:00:00.000Z')];
  world = { keys, sealed: { plan, gates, digest: sealDigest(plan, gates) } };
});
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});

const approval = () => createApproval({ config: () => config, ledger, now: () => noon });
const ruleOn = (sent: unknown) =>
  approval().ruleOnDecision({ sealed: world.sealed, signed: sent, earlier: [] });

test.each(attacks)('$name: not accepted, and it is said why', async (attack) => {
  const sent = attack.send(world);
  const ruling = await ruleOn(sent);
  expect(`${ruling.verdict}: ${ruling.why}`).toBe(`void: ${whyOf(attack, world)}`);
  expect(await ledger.read({ limit: 9 })).toMatchObject([{ kind: 'ruling', body: { ruling } }]);
});

test('what nina signs is accepted', async () => {
  const sent = signed(world);
  expect(await ruleOn(sent)).toMatchObject({ verdict: 'counted', approver: 'nina' });
  const again = { sealed: world.sealed, signed: [sent] };
  await expect(approval().verifyApprovals(again)).resolves.toBeUndefined();
});
