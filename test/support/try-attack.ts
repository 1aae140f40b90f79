import { MockActivityEnvironment } from '@temporalio/testing';
import type { createApproval as Create } from '../../activities/approval.ts';
import { openLedger } from '../../activities/ledger.ts';
import type { Ruling } from '../../domain/plan.ts';
import type { approvalState as State } from '../../domain/policy/approval-state.ts';
import type { Attack, Form } from './attacks.ts';
import type { forgedPlaces } from './forged-place.ts';
import type { Code } from './forged-place.ts';
import type { World } from './forgery.ts';

/** What judges: as it is, or without a guard. */
export type Judge = Code & { createApproval: typeof Create; approvalState: typeof State };

type Tried = { attack: Attack; form: Form };

export const everyForm = (attacks: readonly Attack[]): Tried[] =>
  attacks.flatMap((attack) => attack.forms.map((form) => ({ attack, form })));

/** Signing is slow, and the same plan is attacked once more for every guard. */
const messages = new WeakMap<Form, Map<string, unknown>>();
function messageOf(form: Form, world: World): unknown {
  const known = messages.get(form) ?? new Map<string, unknown>();
  messages.set(form, known);
  const { digest } = world.sealed;
  if (!known.has(digest)) known.set(digest, form.send(world));
  return known.get(digest);
}

/** One attack on a plan of its own. `succeeds`: the plan is approved by it. */
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
