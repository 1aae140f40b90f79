import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createApproval } from '../../activities/approval.ts';
import { openLedger, type Ledger } from '../../activities/ledger.ts';
import { attacks, whyOf } from '../support/attacks.ts';
import { forgedPlace } from '../support/forged-place.ts';
import type { ForgedPlace } from '../support/forged-place.ts';
import { signed } from '../support/forgery.ts';

let at: ForgedPlace;
let ledger: Ledger;
beforeAll(() => {
  at = forgedPlace();
});
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});

const approval = () => createApproval({ config: () => at.config, ledger, now: () => at.now });
const ruleOn = (sent: unknown) =>
  approval().ruleOnDecision({ sealed: at.world.sealed, signed: sent, earlier: [] });

test.each(attacks)('$name: not accepted, and it is said why', async (attack) => {
  const sent = attack.send(at.world);
  const ruling = await ruleOn(sent);
  expect(`${ruling.verdict}: ${ruling.why}`).toBe(`void: ${whyOf(attack, at.world)}`);
  expect(await ledger.read({ limit: 9 })).toMatchObject([{ kind: 'ruling', body: { ruling } }]);
});

test('what nina signs is accepted', async () => {
  const sent = signed(at.world);
  expect(await ruleOn(sent)).toMatchObject({ verdict: 'counted', approver: 'nina' });
  const again = { sealed: at.world.sealed, signed: [sent] };
  await expect(approval().verifyApprovals(again)).resolves.toBeUndefined();
});
