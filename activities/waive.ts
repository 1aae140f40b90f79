import type { Activities } from '../domain/activities.ts';
import type { Ruling } from '../domain/plan.ts';
import { judgeWaiver } from '../domain/policy/waiver.ts';
import { SignedDecision } from '../domain/schema.ts';
import type { Decision } from '../domain/schema.ts';
import { available, claimed, fingerprint, signatureOf } from './approval/ruling.ts';
import type { ApprovalDeps } from './approval/ruling.ts';
import { redactSecrets } from './ledger/body-guard.ts';
import { waiveDigest } from './lib/seal-digest.ts';

type Input = Parameters<Activities['waiveFinding']>[0];
type Body = { ruling: Ruling; message: string; runId: string };
type Told = { ruling: Ruling; decision?: Decision; replay?: boolean };

/**
 * A waiver that counts is recorded as `waived`, any other with its reason; the same run gets the same ruling
 * again, another run with the same message a void one. Transient: no ledger.
 */
export const createWaive = (deps: ApprovalDeps): Pick<Activities, 'waiveFinding'> => ({
  async waiveFinding(input) {
    const parsed = SignedDecision.safeParse(input.signed);
    if (parsed.success) return rule(deps, input, parsed.data);
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
    const why = `it is not a signed waiver: ${path.join('.') || 'the message'}: ${message}`;
    return record(deps, input, { ruling: forged(deps, input, why) });
  },
});

async function rule(deps: ApprovalDeps, input: Input, signed: SignedDecision): Promise<Ruling> {
  const { decision } = signed;
  const before = await available(deps.ledger.find(keyOf(decision)));
  const body = before?.body as Partial<Body> | undefined;
  if (body?.ruling && body.runId === input.runId && body.message === fingerprint(input.signed))
    return body.ruling;
  const facts = await factsOf(deps, input, signed);
  const judged = judgeWaiver({ ...facts, used: before !== null });
  if (!judged.genuine)
    return record(deps, input, { ruling: forged(deps, input, judged.why), decision });
  const ruling = { ...claimed(signed), ...judged, at: facts.now };
  return record(deps, input, { ruling, decision, replay: before !== null });
}

async function factsOf(
  { config, now = Date.now }: ApprovalDeps,
  input: Input,
  signed: SignedDecision,
) {
  const { approvers, requesters, solo } = config();
  const { finding, reason, until } = input;
  const { project, environment } = signed.decision;
  return {
    decision: signed.decision,
    signature: await signatureOf(signed, config()),
    digest: waiveDigest({ project, environment, finding, reason, until }),
    ...{ finding, until },
    now: new Date(now()).toISOString(),
    people: { approvers: Object.keys(approvers), requesters: Object.keys(requesters) },
    needsTouch: solo === 'touch-key' && Object.keys(approvers).length === 1,
  };
}

function forged({ now = Date.now }: ApprovalDeps, { signed }: Input, why: string): Ruling {
  const at = new Date(now()).toISOString();
  const told = redactSecrets(why).slice(0, 300);
  return { ...claimed(signed), verdict: 'void', why: told, touch: false, genuine: false, at };
}

const keyOf = ({ nonce }: Decision) => `waive/${nonce}`;

/** A forgery lies under its own name: it never takes the place of a waiver whose nonce it copied. */
function placeOf({ ruling, decision, replay }: Told, { signed, runId }: Input): string {
  if (!ruling.genuine || !decision) return `waive/forged-${fingerprint(signed).slice(0, 32)}`;
  return replay ? `${keyOf(decision)}/replay-${runId}` : keyOf(decision);
}

async function record({ ledger }: ApprovalDeps, input: Input, told: Told): Promise<Ruling> {
  const { ruling, decision } = told;
  const { finding, until, signed } = input;
  const reason = redactSecrets(input.reason);
  const counted = ruling.verdict === 'counted' && decision;
  const body = {
    ruling,
    message: fingerprint(signed),
    runId: input.runId,
    asked: 'waive',
    ...(ruling.genuine ? { reason, signed } : {}),
    ...(counted ? { finding, until, by: decision.approver } : {}),
  };
  const entry = await available(
    ledger.append({
      kind: counted ? 'waived' : 'ruling',
      key: placeOf(told, input),
      deployId: null,
      project: decision?.project ?? null,
      environment: decision?.environment ?? null,
      body,
    }),
  );
  return (entry.body as Body).ruling;
}
