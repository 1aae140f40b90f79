import type { Activities } from '../domain/activities.ts';
import { canonicalJson } from '../domain/canonical.ts';
import type { GateReport, Ruling, SealedPlan } from '../domain/plan.ts';
import { judgeDecision, type Case } from '../domain/policy/approval.ts';
import { SignedDecision } from '../domain/schema.ts';
import { available, claimed, fingerprint, peopleOf, signatureOf } from './approval/ruling.ts';
import type { ApprovalDeps } from './approval/ruling.ts';
import { createVerifyApprovals } from './approval/verify-approvals.ts';
import { currentRun } from './git/pulse.ts';
import { sealDigest } from './lib/seal-digest.ts';
import { redactSecrets } from './ledger/body-guard.ts';

type RulingInput = Parameters<Activities['ruleOnDecision']>[0];

export function createApproval(
  deps: ApprovalDeps,
): Pick<Activities, 'ruleOnDecision' | 'verifyApprovals' | 'sealPlan'> {
  return {
    sealPlan: async ({ plan, gates }) => ({
      plan,
      gates: fitMemo(gates),
      digest: sealDigest(plan, gates),
    }),
    ruleOnDecision: async (input) => {
      const parsed = SignedDecision.safeParse(input.signed);
      if (parsed.success) return await rule(deps, input, parsed.data);
      const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
      const why = `it is not a signed decision: ${path.join('.') || 'the message'}: ${message}`;
      return await recordForged(deps, input, { verdict: 'void', why, touch: false });
    },
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
  const ruling = { ...claimed(signed), ...again, at: facts.now };
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
    people: peopleOf(config()),
  };
}

type RulingBody = {
  ruling: Ruling;
  message: string;
  digest: string;
  asked: string;
  runId?: string;
};

/** The activity ran before and its answer was lost; anything else with this nonce is a replay, also after a reset. */
const sameMessage = (body: Partial<RulingBody>, { signed, sealed, subject }: RulingInput) =>
  body.runId === currentRun() &&
  body.message === fingerprint(signed) &&
  body.digest === sealed.digest &&
  body.asked === (subject ?? 'ship');

/**
 * Under the message's own name: a forgery never takes the place of a decision whose nonce it
 * copied.
 */
function recordForged(
  { ledger, now = Date.now }: ApprovalDeps,
  input: RulingInput,
  judged: Pick<Ruling, 'verdict' | 'why' | 'touch'>,
): Promise<Ruling> {
  const message = fingerprint(input.signed);
  const key = `${input.sealed.plan.deployId}/ruling/forged-${message.slice(0, 32)}`;
  const at = new Date(now()).toISOString();
  const why = redactSecrets(judged.why).slice(0, 300);
  const ruling = { ...claimed(input.signed), verdict: 'void', why, touch: false, at } as const;
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
    asked: subject ?? 'ship',
    runId: currentRun(),
    ...(signed ? { signed } : {}),
  };
  const entry = { kind: 'ruling', key, deployId, project, environment, body } as const;
  return ((await available(ledger.append(entry))).body as RulingBody).ruling;
}

const memoBytes = 15_000;

/**
 * Reasons are for people and not digested: the longest are cut so that the memo stays below 16 KB. What is loud
 * is never left out, and shortened only where nothing else helps.
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

const planBytes = 12_000;
