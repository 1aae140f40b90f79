import { MockActivityEnvironment } from './activity-environment.ts';
import type { createApproval as Create } from '../../activities/approval/approval.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import type { approvalState as State } from '../../domain/approval/approval-state.ts';
import type { Attack, Form } from './attacks.ts';
import type { forgedPlaces } from './forged-place.ts';
import type { Code } from './forged-place.ts';
import type { World } from './forgery.ts';

/** The code that judges a decision, either complete or with a guard removed. */
export type Judge = Code & { createApproval: typeof Create; approvalState: typeof State };

type Tried = { attack: Attack; form: Form };

export const everyForm = (attacks: readonly Attack[]): Tried[] =>
  attacks.flatMap((attack) => attack.forms.map((form) => ({ attack, form })));

/**
 * The signed messages of each form, by the digest of the plan. Signing is slow, and the tests of
 * every guard need the same messages again.
 */
const messages = new WeakMap<Form, Map<string, unknown>>();
function messageOf(form: Form, world: World): unknown {
  const known = messages.get(form) ?? new Map<string, unknown>();
  messages.set(form, known);
  const { digest } = world.sealed;
  if (!known.has(digest)) known.set(digest, form.send(world));
  return known.get(digest);
}

/** Tries one attack on a new plan. `succeeds` = the attack got the plan approved. */
export async function tryAttack(
  placeFor: ReturnType<typeof forgedPlaces>,
  judge: Judge,
  { attack, form }: Tried,
) {
  const at = await placeFor(attack.place ?? {}, judge);
  const { world, config, now } = at;
  const { sealed } = world;
  const ledger = await openLedger({ path: ':memory:' });
  const { ruleOnDecision } = judge.createApproval({ config: () => config, ledger, now: () => now });
  const ruleIn = (runId: string, signed: unknown, earlier: Ruling[]): Promise<Ruling> => {
    const workflowExecution = { workflowId: 'deploy/gateway/production', runId };
    const ruling = () => ruleOnDecision({ sealed, signed, earlier });
    return new MockActivityEnvironment({ workflowExecution }).run(ruling) as Promise<Ruling>;
  };
  const { before } = attack;
  const first = before ? [await ruleIn('first', before.counted(world), [])] : [];
  const earlier = before?.again ? [] : first;
  const ruling = await ruleIn(before?.again ? 'second' : 'first', messageOf(form, world), earlier);
  const { kind } = judge.approvalState(sealed.plan, [...earlier, ruling]);
  const recorded = await ledger.read({ kinds: ['ruling'], limit: 9 });
  await ledger.close();
  return { ruling, recorded, world, succeeds: kind === 'approved' };
}
