import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import { messages } from '../../domain/deploy/wire.ts';
import { final } from '../lib/fail.ts';
import type { Seals, SealVerifier } from '../lib/seals.ts';
import { currentRun, currentWorkflowType } from '../lib/temporal-context.ts';

const sha = z.string().regex(/^[0-9a-f]{40}$/);
const word = z.string().min(1).max(300);
const Release = z.strictObject({ id: word, sha, platformId: word.optional() });

const SealedWarrant = z.strictObject({
  purpose: z.enum(['deploy', 'adopt', 'again', 'plan', 'rollback', 'ask']),
  deploy: z.strictObject({ deployId: word, project: word, environment: word, sha }),
  runId: word,
  digest: z.string().max(64),
  planHash: z.string().max(64),
  release: Release,
  rollbackTarget: Release.nullable(),
  liveId: word.nullable(),
  sealedAt: z.iso.datetime(),
  epoch: z.int().nonnegative(),
  seal: z.string().max(200),
});

/** True if the warrant is about a rollback after its deploy has closed. */
export const isLate = ({ purpose }: Pick<Warrant, 'purpose'>) =>
  purpose === 'rollback' || purpose === 'ask';

/** Throws a final failure of type 'refused' if an approver must sign this rollback first. */
export function isSigned({ purpose }: Pick<Warrant, 'purpose'>): void {
  if (purpose === 'ask') throw refused('no approver has signed this rollback');
}

/** Returns the plan as it was when the worker made it: without the seals that were added later. */
export function unsealed({ seal: _seal, warrant: _warrant, ...plan }: Plan): Plan {
  return plan;
}

/**
 * Returns the part of a plan that its warrant covers. A warrant does not cover `live`, because the
 * screens of a deploy replace `live` with newer states.
 */
const vouchedPlan = (plan: Plan) => ({ ...unsealed(plan), live: [] });

/** Returns the SHA-256 over the canonical JSON of a value, in hex. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex');

type Facts = {
  plan: Plan;
  digest: string;
  runId: string;
  now: number;
  epoch: number;
  purpose?: 'deploy' | 'plan' | 'rollback' | 'ask';
};

/** Makes the warrant of a plan whose gates were checked, or of a late rollback. */
export const warrantFor = (
  seals: Seals,
  { plan, digest, runId, now, epoch, purpose = 'deploy' }: Facts,
): Warrant =>
  sealWarrant(seals, {
    purpose,
    deploy: {
      deployId: plan.deployId,
      project: plan.project,
      environment: plan.environment,
      sha: plan.sha,
    },
    runId,
    digest,
    planHash: hashOf(vouchedPlan(plan)),
    release: plan.release,
    rollbackTarget: plan.rollbackTarget,
    liveId: plan.live[0]?.id ?? null,
    sealedAt: new Date(now).toISOString(),
    epoch,
  });

export const sealWarrant = (seals: Seals, body: Omit<Warrant, 'seal'>): Warrant => ({
  ...body,
  seal: seals.seal('deploy', body),
});

type Read = { warrant: Warrant } | { why: string };

function readWarrant(seals: SealVerifier, given: unknown): Read {
  const parsed = SealedWarrant.safeParse(given);
  if (!parsed.success) return { why: 'it has no sealed warrant' };
  const { seal, ...body } = parsed.data as Warrant;
  const why = seals.whyInvalid('deploy', body, seal);
  return why ? { why: `its warrant is not valid: ${why}` } : { warrant: { ...body, seal } };
}

/** Returns the warrant of a plan. If no worker sealed exactly this plan, returns the reason. */
export function readVouched(seals: SealVerifier, plan: Plan | undefined): Read {
  const read = readWarrant(seals, plan?.warrant);
  if ('why' in read || (plan && hashOf(vouchedPlan(plan)) === read.warrant.planHash)) return read;
  return { why: 'its plan was changed after a worker sealed it' };
}

/** Returns the warrant if a worker sealed it. Throws a final failure of type 'refused' if not. */
export const validWarrant = (seals: SealVerifier, given: unknown): Warrant =>
  orRefused(readWarrant(seals, given));

/**
 * Returns the warrant of the plan. Throws a final failure of type 'refused' if no worker sealed
 * exactly this plan.
 */
export const vouchedBy = (seals: SealVerifier, plan: Plan | undefined): Warrant =>
  orRefused(readVouched(seals, plan));

function orRefused(read: Read): Warrant {
  if ('why' in read) throw refused(read.why);
  if (read.warrant.purpose === 'plan') throw refused('its plan was made to be shown only');
  return read.warrant;
}

/** The failure of a step of a deploy that the ledger knows as closed. */
export const hasEndedFailure = () =>
  final(
    failures.ended,
    'The worker refused this step, because the deploy has ended.\n' +
      'A reset of its workflow changes nothing. Deploy the commit again: plimsoll deploy',
  );

/**
 * Throws the failure of type 'ofAnotherRun' if a workflow of the type "deploy" orders a step of a
 * deploy that another run planned. A reset starts such a run. The new run may not know effects of
 * the first run.
 */
export function notAfterReset(runId: string): void {
  if (currentWorkflowType() !== messages.deploy || currentRun() === runId) return;
  throw final(
    failures.ofAnotherRun,
    'The worker refused this step, because somebody reset the workflow of this deploy. ' +
      'A recovery now ends the deploy.',
  );
}

export const refused = (why: string) =>
  final(
    failures.refused,
    `The worker refused this step, because ${why}.\n` +
      'Only the workflows of Plimsoll may order this step. Find out who ordered it: ' +
      'docs/security.md#a-worker-refused-a-step',
  );
