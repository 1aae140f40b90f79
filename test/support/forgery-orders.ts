import fc from 'fast-check';
import { expect } from 'vitest';
import { createApproval } from '../../activities/approval/approval.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { ApprovalRule, Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import { approvalState } from '../../domain/approval/approval-state.ts';
import { Config } from '../../domain/config/config.ts';
import { makeKeys, peopleOf, signed } from './forgery.ts';
import type { World } from './forgery.ts';
import { openGate, planFor } from './plan.ts';

const quorum = ['nina', 'olga', 'robin'] as const;
const rule: ApprovalRule = {
  ...{ required: 3, reasons: [], eligible: [...quorum], notAlone: [['robin']], solo: 'off' },
};
const keys = makeKeys();
const config = Config.parse({ ...peopleOf(keys), projects: {} });
const notAfter = '2026-11-24T14:00:00.000Z';
const inTime = Date.parse('2026-11-24T12:00:00.000Z');
const tooLate = Date.parse(notAfter) + 1;

const approvalWith = (ledger: Parameters<typeof createApproval>[0]['ledger'], now: number) =>
  createApproval({ config: () => config, ledger, now: () => now });

async function seal(): Promise<SealedPlan> {
  const ledger = await openLedger({ path: ':memory:' });
  const gates = [openGate('tests', new Date(inTime).toISOString())];
  return await approvalWith(ledger, inTime).sealPlan({ plan: planFor({ rule, notAfter }), gates });
}

type Message = { kind: 'genuine' | 'copy' | 'noise'; sent: unknown; now: number };

/** Signs every message once. The test then varies the order and the number of the messages. */
function messagesOf(world: World) {
  const own = quorum.map((by) => signed(world, { approver: by }, { by }));
  const genuine = own.map((sent): Message => ({ kind: 'genuine', sent, now: inTime }));
  const noise = [
    signed(world, { approver: 'nina' }, { by: 'mallory' }),
    signed(world, { subjectDigest: 'e'.repeat(64) }),
    signed(world, { approver: 'casey' }, { by: 'casey' }),
    // nina's own decision, but with olga's name. Both decisions have the same nonce.
    { ...own[0], decision: { ...own[0]?.decision, approver: 'olga' } },
    { decision: 'approve' },
  ].map((sent): Message => ({ kind: 'noise', sent, now: inTime }));
  const late: Message = { kind: 'noise', sent: signed(world), now: tooLate };
  const copies = own.map((sent): Message => ({ kind: 'copy', sent, now: inTime }));
  return { genuine, others: [...noise, late, ...copies] };
}

const textOf = (ruling: unknown) => canonicalJson(ruling);

async function play(sealed: SealedPlan, messages: Message[]) {
  const ledger = await openLedger({ path: ':memory:' });
  const rulings: Ruling[] = [];
  for (const { sent, now } of messages) {
    const waits = approvalState(sealed.plan, rulings).kind === 'waiting';
    const input = { sealed, signed: sent, earlier: [...rulings] };
    const asked = waits ? {} : { subject: 'nothing' as const };
    rulings.push(await approvalWith(ledger, now).ruleOnDecision({ ...input, ...asked }));
  }
  const recorded = await ledger.read({ kinds: ['ruling'], limit: 50 });
  await ledger.close();
  return { rulings, recorded: recorded.toReversed().map(({ body }) => body['ruling']) };
}

/**
 * Sends genuine, late, copied and forged decisions to the real ruling and ledger, in `numRuns`
 * random orders. Only the genuine decisions may count.
 */
export async function expectOrders(numRuns: number) {
  const sealed = await seal();
  const { genuine, others } = messagesOf({ sealed, keys });
  const orders = fc
    .array(fc.constantFrom(...others), { maxLength: 4 })
    .chain((some) =>
      fc.shuffledSubarray([...genuine, ...some], { minLength: genuine.length + some.length }),
    );
  const started = fc.sample(orders, { numRuns, seed: 20261128 });
  const left = started.entries();
  const worker = async () => {
    for (const [, messages] of left) {
      const { rulings, recorded } = await play(sealed, messages);
      const counted = rulings.flatMap(({ verdict }, n) =>
        verdict === 'counted' ? [messages[n]] : [],
      );
      expect(counted.filter((one) => one?.kind === 'noise')).toEqual([]);
      const who = rulings.filter(({ verdict }) => verdict === 'counted');
      expect(who.map(({ approver }) => approver).toSorted()).toEqual([...quorum]);
      expect(approvalState(sealed.plan, rulings).kind).toBe('approved');
      // A forgery that is sent twice makes only one row, so that nobody can fill the ledger.
      expect(new Set(recorded.map(textOf))).toEqual(new Set(rulings.map(textOf)));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
