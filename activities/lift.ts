import type { Activities, Entry } from '../domain/activities.ts';
import type { Ruling } from '../domain/plan.ts';
import { judgeLift } from '../domain/policy/lift.ts';
import type { LiftCase } from '../domain/policy/lift.ts';
import { commitOf, quarantineToLift, releaseOf } from '../domain/policy/standing.ts';
import { SignedDecision } from '../domain/schema.ts';
import type { Decision } from '../domain/schema.ts';
import { available, claimed, fingerprint, signatureOf } from './approval/ruling.ts';
import type { ApprovalDeps } from './approval/ruling.ts';
import type { Ledger } from './ledger.ts';
import { redactSecrets } from './ledger/body-guard.ts';
import { liftDigest } from './lib/seal-digest.ts';

type Input = Parameters<Activities['liftQuarantine']>[0];
type Deps = ApprovalDeps & { ledger: Pick<Ledger, 'append' | 'find' | 'quarantines'> };

/**
 * The one door out of a quarantine. A lift that counts is recorded as `lifted`, any other with its reason; the
 * same run gets the same ruling again, another run with the same message a void one. Transient: no ledger.
 */
export const createLift = (deps: Deps): Pick<Activities, 'liftQuarantine'> => ({
  async liftQuarantine(input) {
    const parsed = SignedDecision.safeParse(input.signed);
    if (parsed.success) return rule(deps, input, parsed.data);
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
    const why = `it is not a signed lift: ${path.join('.') || 'the message'}: ${message}`;
    return record(deps, input, { ruling: forged(deps, input, why) });
  },
});

async function rule(deps: Deps, input: Input, signed: SignedDecision): Promise<Ruling> {
  const { decision } = signed;
  const before = await available(deps.ledger.find(keyOf(decision)));
  const body = before?.body as Partial<Body> | undefined;
  if (body?.ruling && body.runId === input.runId && body.message === fingerprint(input.signed))
    return body.ruling;
  const quarantine = await standingFor(deps, decision);
  const facts = await factsOf(deps, { input, signed, quarantine, used: before !== null });
  const judged = judgeLift(facts);
  if (!judged.genuine)
    return record(deps, input, { ruling: forged(deps, input, judged.why), decision });
  const ruling = { ...claimed(signed), ...judged, at: facts.now };
  return record(deps, input, { ruling, decision, quarantine, replay: before !== null });
}

async function standingFor({ ledger }: Deps, { project, environment, sha }: Decision) {
  const entries = await available(ledger.quarantines(project));
  return quarantineToLift(entries, { environment, sha });
}

type Facts = {
  input: Input;
  signed: SignedDecision;
  quarantine: Entry | null;
  used: boolean;
};

async function factsOf(
  { config, now = Date.now }: Deps,
  { input, signed, quarantine, used }: Facts,
): Promise<LiftCase> {
  const { approvers, requesters, solo } = config();
  const { deployId, project, environment, sha } = signed.decision;
  return {
    decision: signed.decision,
    signature: await signatureOf(signed, config()),
    digest: liftDigest({ deployId, project, environment, sha, reason: input.reason }),
    quarantine: quarantine && { deployId: quarantine.deployId },
    used,
    now: new Date(now()).toISOString(),
    people: { approvers: Object.keys(approvers), requesters: Object.keys(requesters) },
    needsTouch: solo === 'touch-key' && Object.keys(approvers).length === 1,
  };
}

function forged({ now = Date.now }: Deps, { signed }: Input, why: string): Ruling {
  const at = new Date(now()).toISOString();
  const told = redactSecrets(why).slice(0, 300);
  return { ...claimed(signed), verdict: 'void', why: told, touch: false, genuine: false, at };
}

type Body = { ruling: Ruling; message: string; runId: string };
type Record = {
  ruling: Ruling;
  decision?: Decision;
  quarantine?: Entry | null;
  replay?: boolean;
};

const keyOf = ({ nonce }: Decision) => `lift/${nonce}`;

/** A forgery lies under its own name: it never takes the place of a lift whose nonce it copied. */
function placeOf({ ruling, decision, replay }: Record, { signed, runId }: Input): string {
  if (!ruling.genuine || !decision) return `lift/forged-${fingerprint(signed).slice(0, 32)}`;
  return replay ? `${keyOf(decision)}/replay-${runId}` : keyOf(decision);
}

async function record({ ledger }: Deps, input: Input, facts: Record): Promise<Ruling> {
  const { ruling, decision, quarantine } = facts;
  const counted = ruling.verdict === 'counted' && decision && quarantine;
  const body = {
    ruling,
    message: fingerprint(input.signed),
    runId: input.runId,
    asked: 'lift',
    ...(ruling.genuine ? { reason: redactSecrets(input.reason), signed: input.signed } : {}),
    ...(counted ? { sha: commitOf(quarantine), release: releaseOf(quarantine) } : {}),
  };
  const entry = await available(
    ledger.append({
      kind: counted ? 'lifted' : 'ruling',
      key: placeOf(facts, input),
      deployId: decision?.deployId ?? null,
      project: decision?.project ?? null,
      environment: decision?.environment ?? null,
      body,
    }),
  );
  return (entry.body as Body).ruling;
}
