import type { Entry } from '../../domain/contract/activities.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import type { StandaloneCase } from '../../domain/approval/standalone-decision.ts';
import type { Judgement } from '../../domain/approval/approval.ts';
import { SignedDecision } from '../../domain/config/config.ts';
import type { Decision } from '../../domain/config/config.ts';
import { withRights } from '../../domain/approval/project-rights.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { available, unverifiedDecision, fingerprint, signatureOf } from './ruling.ts';
import type { ApprovalDeps } from './ruling.ts';

/**
 * A standalone decision, as the workflow received it. A standalone decision belongs to no open
 * deploy.
 */
export type Sent = { signed: unknown; reason: string; runId: string };

export type Subject<Input extends Sent> = {
  asked: 'lift' | 'waive' | 'stop' | 'resume';
  /** The name of the decision in messages to people, such as "a signed lift". */
  noun: string;
  /** The kind of the ledger entry for a decision that counts. */
  kind: Entry['kind'];
  /**
   * True if the decision can block deploys but cannot allow a deploy. Requesters may also make such
   * a decision, and nobody has to touch a security key for it.
   */
  free?: true;
  /**
   * True if the decision and its ledger entry belong to all projects. Such a ledger entry names no
   * project.
   */
  everywhere?: true;
  /**
   * Judges whether a decision counts. In the result, `about` contains extra fields for the ledger
   * entry. The extra fields are recorded only if the decision counts.
   */
  judge(input: Input, known: Omit<StandaloneCase, 'digest'>): Promise<Judged>;
};
type Judged = { judged: Judgement; about: Record<string, unknown> };
type Body = { ruling: Ruling; message: string; runId: string };
type Ruled = { ruling: Ruling; decision?: Decision; about?: Judged['about']; replay?: boolean };

/**
 * Rules on a standalone decision and records the ruling in the ledger. A decision that counts gets
 * an entry of the kind `subject.kind`. Any other decision gets an entry of the kind `ruling`, with
 * the reason. If the same run sends the same message again, it gets the same ruling again. If
 * another run sends the same message, the decision does not count. Throws a transient failure if
 * the ledger does not answer.
 */
export async function ruleStandalone<Input extends Sent>(
  deps: ApprovalDeps,
  subject: Subject<Input>,
  input: Input,
): Promise<Ruling> {
  const parsed = SignedDecision.safeParse(input.signed);
  if (parsed.success) return rule(deps, subject, input, parsed.data);
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
  const field = path.join('.') || 'the message';
  const why = `it is not ${subject.noun}, because ${field} is not valid: ${message}`;
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
  const ruling = { ...unverifiedDecision(signed), ...judged, at: known.now };
  return record(deps, subject, input, { ruling, decision, about, replay: before !== null });
}

async function knownOf(
  { config, now = Date.now }: ApprovalDeps,
  { free, everywhere }: Named,
  { signed, used }: { signed: SignedDecision; used: boolean },
): Promise<Omit<StandaloneCase, 'digest'>> {
  const { approvers, requesters, solo } = config();
  const project = everywhere ? null : signed.decision.project;
  const entitled = {
    approvers: Object.keys(withRights(approvers, project)),
    requesters: Object.keys(withRights(requesters, project)),
  };
  const everybody = [...Object.keys(approvers), ...(free ? Object.keys(requesters) : [])];
  const has = (name: string) =>
    entitled.approvers.includes(name) || entitled.requesters.includes(name);
  return {
    decision: signed.decision,
    signature: await signatureOf(signed, config(), {
      people: free ? { ...requesters, ...approvers } : approvers,
    }),
    used,
    now: new Date(now()).toISOString(),
    people: { ...entitled, others: everybody.filter((name) => !has(name)) },
    project,
    needsTouch: !free && solo === 'touch-key' && Object.keys(approvers).length === 1,
  };
}

function forged({ now = Date.now }: ApprovalDeps, { signed }: Sent, why: string): Ruling {
  const at = new Date(now()).toISOString();
  const ruled = withoutSecrets(why).slice(0, 300);
  return {
    ...unverifiedDecision(signed),
    verdict: 'void',
    why: ruled,
    touch: false,
    genuine: false,
    at,
  };
}

type Named = Pick<Subject<Sent>, 'asked' | 'kind' | 'free' | 'everywhere'>;

const keyOf = ({ asked }: Named, { nonce }: Decision) => `${asked}/${nonce}`;

/**
 * Returns the ledger key of a ruling. A forged message may copy the nonce of a genuine decision. So
 * the key of a forged decision contains the hash of its message, and differs from the key of the
 * genuine decision.
 */
function placeOf(subject: Named, { ruling, decision, replay }: Ruled, { signed, runId }: Sent) {
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
  ruled: Ruled,
): Promise<Ruling> {
  const { ruling, decision, about } = ruled;
  const { signed, runId } = input;
  const counted = ruling.verdict === 'counted';
  const body = {
    ...{ ruling, message: fingerprint(signed), runId, asked: subject.asked },
    ...(ruling.genuine ? { reason: withoutSecrets(input.reason), signed } : {}),
    ...(counted ? about : {}),
  };
  const entry = await available(
    ledger.append({
      kind: counted ? subject.kind : 'ruling',
      key: placeOf(subject, ruled, input),
      deployId: (!subject.everywhere && decision?.deployId) || null,
      ...placeIn(subject, decision),
      body,
    }),
  );
  return (entry.body as Body).ruling;
}
