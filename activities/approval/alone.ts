import type { Entry } from '../../domain/activities.ts';
import type { Ruling } from '../../domain/plan.ts';
import type { AloneCase } from '../../domain/policy/alone.ts';
import type { Judgement } from '../../domain/policy/approval.ts';
import { SignedDecision } from '../../domain/schema.ts';
import type { Decision } from '../../domain/schema.ts';
import { redactSecrets } from '../ledger/body-guard.ts';
import { available, claimed, fingerprint, signatureOf } from './ruling.ts';
import type { ApprovalDeps } from './ruling.ts';

/** A signed decision that belongs to no open deploy, as a workflow of its own got it. */
export type Sent = { signed: unknown; reason: string; runId: string };

export type Subject<Input extends Sent> = {
  asked: 'lift' | 'waive' | 'stop' | 'resume';
  /** "a signed lift". */
  noun: string;
  /** How one that counts is called in the ledger. */
  kind: Entry['kind'];
  /** Backward: requesters may as well, and nobody has to touch a key. */
  free?: true;
  /** It is about no project: so is its row. */
  everywhere?: true;
  /** `about` is what the ledger keeps of one that counts. */
  judge(input: Input, known: Omit<AloneCase, 'digest'>): Promise<Judged>;
};
type Judged = { judged: Judgement; about: Record<string, unknown> };
type Body = { ruling: Ruling; message: string; runId: string };
type Told = { ruling: Ruling; decision?: Decision; about?: Judged['about']; replay?: boolean };

/**
 * One that counts is recorded as `kind`, any other with its reason; the same run gets the same ruling again,
 * another run with the same message a void one. Transient: no ledger.
 */
export async function ruleAlone<Input extends Sent>(
  deps: ApprovalDeps,
  subject: Subject<Input>,
  input: Input,
): Promise<Ruling> {
  const parsed = SignedDecision.safeParse(input.signed);
  if (parsed.success) return rule(deps, subject, input, parsed.data);
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
  const why = `it is not ${subject.noun}: ${path.join('.') || 'the message'}: ${message}`;
  return record(deps, subject, input, { ruling: forged(deps, input, why) });
}

async function rule<Input extends Sent>(
  deps: ApprovalDeps,
  subject: Subject<Input>,
  input: Input,
  signed: SignedDecision,
): Promise<Ruling> {
  const { decision } = signed;
  const before = await available(deps.ledger.find(keyOf(subject, decision)));
  const body = before?.body as Partial<Body> | undefined;
  if (body?.ruling && body.runId === input.runId && body.message === fingerprint(input.signed))
    return body.ruling;
  const known = await knownOf(deps, subject, { signed, used: before !== null });
  const { judged, about } = await subject.judge(input, known);
  if (!judged.genuine)
    return record(deps, subject, input, { ruling: forged(deps, input, judged.why), decision });
  const ruling = { ...claimed(signed), ...judged, at: known.now };
  return record(deps, subject, input, { ruling, decision, about, replay: before !== null });
}

async function knownOf(
  { config, now = Date.now }: ApprovalDeps,
  { free }: Named,
  { signed, used }: { signed: SignedDecision; used: boolean },
): Promise<Omit<AloneCase, 'digest'>> {
  const { approvers, requesters, solo } = config();
  return {
    decision: signed.decision,
    signature: await signatureOf(signed, config(), {
      people: free ? { ...requesters, ...approvers } : approvers,
    }),
    used,
    now: new Date(now()).toISOString(),
    people: { approvers: Object.keys(approvers), requesters: Object.keys(requesters) },
    needsTouch: !free && solo === 'touch-key' && Object.keys(approvers).length === 1,
  };
}

function forged({ now = Date.now }: ApprovalDeps, { signed }: Sent, why: string): Ruling {
  const at = new Date(now()).toISOString();
  const told = redactSecrets(why).slice(0, 300);
  return { ...claimed(signed), verdict: 'void', why: told, touch: false, genuine: false, at };
}

type Named = Pick<Subject<Sent>, 'asked' | 'kind' | 'free' | 'everywhere'>;

const keyOf = ({ asked }: Named, { nonce }: Decision) => `${asked}/${nonce}`;

/** A forgery lies under its own name: it never takes the place of what it copied the nonce of. */
function placeOf(subject: Named, { ruling, decision, replay }: Told, { signed, runId }: Sent) {
  if (!ruling.genuine || !decision)
    return `${subject.asked}/forged-${fingerprint(signed).slice(0, 32)}`;
  const key = keyOf(subject, decision);
  return replay ? `${key}/replay-${runId}` : key;
}

const placeIn = ({ everywhere }: Named, decision: Decision | undefined) =>
  everywhere || !decision
    ? { project: null, environment: null }
    : { project: decision.project, environment: decision.environment };

async function record(
  { ledger }: ApprovalDeps,
  subject: Named,
  input: Sent,
  told: Told,
): Promise<Ruling> {
  const { ruling, decision, about } = told;
  const { signed, runId } = input;
  const counted = ruling.verdict === 'counted';
  const body = {
    ...{ ruling, message: fingerprint(signed), runId, asked: subject.asked },
    ...(ruling.genuine ? { reason: redactSecrets(input.reason), signed } : {}),
    ...(counted ? about : {}),
  };
  const entry = await available(
    ledger.append({
      kind: counted ? subject.kind : 'ruling',
      key: placeOf(subject, told, input),
      deployId: (!subject.everywhere && decision?.deployId) || null,
      ...placeIn(subject, decision),
      body,
    }),
  );
  return (entry.body as Body).ruling;
}
