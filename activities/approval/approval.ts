import type { Activities } from '../../domain/contract/activities.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { GateReport, Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { judgeDecision, type Case } from '../../domain/approval/approval.ts';
import { SignedDecision } from '../../domain/config/config.ts';
import { available, unverifiedDecision, fingerprint, peopleOf, signatureOf } from './ruling.ts';
import type { ApprovalDeps } from './ruling.ts';
import { createVerifyApprovals } from './verify-approvals.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { packedMemo } from '../lib/memo.ts';
import { sealDigest } from '../lib/seal-digest.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { effect } from '../lib/effect.ts';

type RulingInput = Parameters<Activities['ruleOnDecision']>[0];

export function createApproval(
  deps: ApprovalDeps,
): Pick<Activities, 'ruleOnDecision' | 'verifyApprovals' | 'sealPlan'> {
  return {
    sealPlan: async ({ plan, gates: checked }) => {
      const gates = fitMemo(clean(checked));
      const sealed = { plan, gates, digest: sealDigest(plan, gates) };
      const memo = packedMemo(sealed);
      return memo === undefined ? sealed : { ...sealed, memo };
    },
    ruleOnDecision: effect('ruleOnDecision', async (input) => {
      const parsed = SignedDecision.safeParse(input.signed);
      if (parsed.success) return await rule(deps, input, parsed.data);
      const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
      const field = path.join('.') || 'the message';
      const why = `it is not a signed decision, because ${field} is not valid: ${message}`;
      return await recordForged(deps, input, { verdict: 'void', why, touch: false });
    }),
    verifyApprovals: createVerifyApprovals(deps),
  };
}

async function rule(
  deps: ApprovalDeps,
  input: RulingInput,
  signed: SignedDecision,
): Promise<Ruling> {
  const { ledger } = deps;
  const { sealed, earlier } = input;
  const { nonce } = signed.decision;
  const facts = await factsOf(deps, input, signed);
  const judged = judgeDecision(facts);
  if (!judged.genuine) return await recordForged(deps, input, judged);
  const key = `${sealed.plan.deployId}/ruling/${nonce}`;
  const before = await available(ledger.find(key));
  const recorded = before?.body as Partial<RulingBody> | undefined;
  const replayed = earlier.some((ruling) => ruling.genuine && ruling.nonce === nonce);
  if (recorded?.ruling && !replayed && sameMessage(recorded, input)) return recorded.ruling;
  const known = recorded?.ruling ? [...earlier, recorded.ruling] : earlier;
  const again = judgeDecision({ ...facts, earlier: known });
  const ruling = { ...unverifiedDecision(signed), ...again, at: facts.now };
  const place = recorded ? `${key}/replay-${earlier.length}` : key;
  return await record(ledger, input, { key: place, ruling, signed });
}

async function factsOf(
  { config, now = Date.now }: ApprovalDeps,
  { sealed, earlier, subject: asked }: RulingInput,
  signed: SignedDecision,
): Promise<Case> {
  return {
    sealed,
    decision: signed.decision,
    signature: await signatureOf(signed, config()),
    asked,
    earlier,
    now: new Date(now()).toISOString(),
    people: peopleOf(config(), sealed.plan.project),
  };
}

type RulingBody = {
  ruling: Ruling;
  message: string;
  digest: string;
  asked: string;
  runId?: string;
};

/**
 * True if the same workflow run already judged exactly this message. Temporal retries the activity
 * if it lost the result, and the retry must return the recorded ruling. Any other message with this
 * nonce is a replay. A reset starts a new run, so after a reset the same message is a replay too.
 */
const sameMessage = (body: Partial<RulingBody>, { signed, sealed, subject }: RulingInput) =>
  body.runId === currentRun() &&
  body.message === fingerprint(signed) &&
  body.digest === sealed.digest &&
  body.asked === (subject ?? 'deploy');

/**
 * Records a decision that is not genuine, for example because the signature does not match. A
 * forged message may copy the nonce of a genuine decision. So the ledger key of a forged decision
 * contains the hash of its message, and differs from the key of the genuine decision.
 */
function recordForged(
  { ledger, now = Date.now }: ApprovalDeps,
  input: RulingInput,
  judged: Pick<Ruling, 'verdict' | 'why' | 'touch'>,
): Promise<Ruling> {
  const message = fingerprint(input.signed);
  const key = `${input.sealed.plan.deployId}/ruling/forged-${message.slice(0, 32)}`;
  const at = new Date(now()).toISOString();
  const why = withoutSecrets(judged.why).slice(0, 300);
  const ruling = {
    ...unverifiedDecision(input.signed),
    verdict: 'void',
    why,
    touch: false,
    at,
  } as const;
  return record(ledger, input, { key, ruling });
}

async function record(
  ledger: ApprovalDeps['ledger'],
  { sealed, signed: message, subject }: RulingInput,
  { key, ruling, signed }: { key: string; ruling: Ruling; signed?: SignedDecision },
): Promise<Ruling> {
  const { deployId, project, environment } = sealed.plan;
  const body = {
    ruling,
    message: fingerprint(message),
    digest: sealed.digest,
    asked: subject ?? 'deploy',
    runId: currentRun(),
    ...(signed ? { signed } : {}),
  };
  const entry = { kind: 'ruling', key, deployId, project, environment, body } as const;
  return ((await available(ledger.append(entry))).body as RulingBody).ruling;
}

const memoBytes = 15_000;

/**
 * Shortens the reasons of the gates if the plan and the reasons do not fit into the memo of the
 * workflow (16 KB). The digest covers the shortened reasons, and every screen shows the shortened
 * reasons. The first reasons of a gate are "loud": every approver must read them. The first four
 * reasons of each gate remain. If a gate has more than four loud reasons, all its loud reasons
 * remain. Reasons that are not loud are cut to 200 characters. If the reasons are still too long,
 * the loud reasons are cut to 200 characters too.
 */
function fitMemo(gates: GateReport[]): SealedPlan['gates'] {
  const fits = (some: GateReport[]) => canonicalJson(some).length <= memoBytes - planBytes;
  if (fits(gates)) return gates;
  const quiet = gates.map(cut('quiet'));
  return fits(quiet) ? quiet : gates.map(cut('all'));
}

const cut =
  (what: 'quiet' | 'all') =>
  (gate: GateReport): GateReport => {
    const { loud = 0 } = gate;
    const shorten = (reason: string, index: number) =>
      what === 'quiet' && index < loud ? reason : reason.slice(0, 200);
    return { ...gate, reasons: gate.reasons.slice(0, Math.max(4, loud)).map(shorten) };
  };

/** This number of bytes in the memo is reserved for the plan. */
const planBytes = 12_000;
