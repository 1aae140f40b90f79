import { expect, test } from 'vitest';
import { createApproval } from '../../../activities/approval/approval.ts';
import { readCommits } from '../../../activities/git/commits.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { approvalState } from '../../../domain/approval/approval-state.ts';
import { decideRule } from '../../../domain/approval/rule.ts';
import { attacks, malformed, whyOf } from '../../support/attacks.ts';
import type { Attack } from '../../support/attacks.ts';
import { forgedPlaces } from '../../support/forged-place.ts';
import { signed } from '../../support/forgery.ts';
import { everyForm, tryAttack } from '../../support/try-attack.ts';

const placeFor = forgedPlaces();
const judge = { createApproval, approvalState, readCommits, decideRule };
const named = (list: readonly Attack[]) =>
  everyForm(list).map((tried) => ({ ...tried, of: tried.attack.name, name: tried.form.name }));

const noDecision: Attack = { name: 'no decision', why: '', guard: [], forms: malformed };

test.each(named([...attacks, noDecision]))(
  '$of, $name: not accepted, and it is said why',
  async (tried) => {
    const { ruling, recorded, world, succeeds } = await tryAttack(placeFor, judge, tried);
    const why = whyOf(tried.attack, tried.form, world);
    expect(`${ruling.verdict}: ${ruling.why}`).toBe(`void: ${why}`);
    expect(recorded[0]).toMatchObject({ kind: 'ruling', body: { ruling } });
    expect(recorded).toHaveLength(tried.attack.before ? 2 : 1);
    expect(succeeds).toBe(false);
  },
);

test('no two attacks are answered alike', async () => {
  const told = new Map<string, string>();
  for (const { attack, form } of everyForm(attacks)) {
    const { world } = await placeFor(attack.place ?? {}, judge);
    const why = whyOf(attack, form, world);
    expect(`${told.get(why) ?? attack.name}: ${why}`).toBe(`${attack.name}: ${why}`);
    told.set(why, attack.name);
  }
  expect(new Set(told.values()).size).toBe(attacks.length);
});

test('what nina signs is accepted', async () => {
  const { world, config, now } = await placeFor({}, judge);
  const ledger = await openLedger({ path: ':memory:' });
  const approval = createApproval({ config: () => config, ledger, now: () => now });
  const sent = signed(world);
  const { sealed } = world;
  const ruling = await approval.ruleOnDecision({ sealed, signed: sent, earlier: [] });
  expect(ruling).toMatchObject({ verdict: 'counted', approver: 'nina' });
  await expect(approval.verifyApprovals({ sealed, signed: [sent] })).resolves.toBeUndefined();
});
