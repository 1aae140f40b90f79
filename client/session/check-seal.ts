import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import {
  badPublicKeys,
  sealAtDoor,
  sealRefused,
  sealUnknown,
  sealVerified,
} from '../../domain/messages/seal.ts';
import type { Refused } from '../../domain/messages/seal.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Session } from './connect.ts';

type Server = Pick<Session, 'address' | 'namespace'>;

/**
 * The purpose of a seal. 'plan' means the plan of the command `plan`. This plan starts no deploy,
 * and nobody can approve it.
 */
type Purpose = 'deploy' | 'plan';

/**
 * `line` is for people. `forged` is true if this machine knows the workers' keys, and no worker
 * sealed the plan.
 */
export type SealCheck = { line: string; checked: boolean; forged: boolean };

/**
 * Checks with the public keys that this machine knows whether a worker sealed these plans. Throws a
 * UserError if these public keys cannot be read.
 */
async function judgeSeals(
  io: Io,
  session: Server,
  { plans, purpose, outcome }: { plans: SealedPlan[]; purpose: Purpose; outcome: Refused },
): Promise<SealCheck> {
  const { knownKeys } = await import('../../worker/seal/known-keys.ts');
  const { whyNotSealed } = await import('../../worker/seal/verify-plan.ts');
  const { hostOfAddress } = await import('../../worker/seal/open-seals.ts');
  const { isLoopback } = await import('../../worker/config/endpoints.ts');
  const local = session.namespace !== null && isLoopback(hostOfAddress(session.address));
  const known = await knownKeys({ env: io.env, local });
  if (known === null) {
    const line = session.namespace === null ? sealAtDoor : sealUnknown;
    return { line, checked: false, forged: false };
  }
  if ('bad' in known) throw new UserError(badPublicKeys(known.bad), exitCodes.usage);
  for (const sealed of plans) {
    const why = whyNotSealed(known, sealed, purpose);
    if (why === null) continue;
    const { project, environment } = sealed.plan;
    const line = sealRefused(`${project} ${environment}`, { why, from: known.from, outcome });
    return { line, checked: true, forged: true };
  }
  return { line: sealVerified(known.from), checked: true, forged: false };
}

/**
 * Checks that a worker sealed the plan that a person is about to sign. Returns a line for people.
 * Throws a UserError if no worker sealed the plan.
 */
export const checkSeal = (io: Io, session: Server, sealed: SealedPlan): Promise<string> =>
  lineOf(judgeSeals(io, session, { plans: [sealed], purpose: 'deploy', outcome: 'not-signed' }));

/** Does the same as `checkSeal`, but for the plan of the command `plan`. */
export const checkShownSeal = (io: Io, session: Server, sealed: SealedPlan): Promise<string> =>
  lineOf(judgeSeals(io, session, { plans: [sealed], purpose: 'plan', outcome: 'not-shown' }));

async function lineOf(judged: Promise<SealCheck>): Promise<string> {
  const { line, forged } = await judged;
  if (forged) throw new UserError(line, exitCodes.notAllowed);
  return line;
}

/**
 * Checks whether a worker sealed the plans that a snapshot shows. These are the plan in the memo,
 * and the plan that a worker reports. Returns null if there is no plan yet.
 */
export async function judgeSnapshot(
  io: Io,
  session: Server,
  { sealed, status }: DeploySnapshot,
): Promise<SealCheck | null> {
  const plans = [sealed, withLiveOf(sealed, status?.sealed)].filter((one) => one !== null);
  if (plans.length === 0) return null;
  return await judgeSeals(io, session, { plans, purpose: 'deploy', outcome: 'not-trusted' });
}

/**
 * Returns the reported plan with the host states of the sealed plan. After a rollback, the reported
 * plan has newer host states, and no seal covers them.
 */
const withLiveOf = (sealed: SealedPlan | null, reported: SealedPlan | null | undefined) =>
  sealed && reported
    ? { ...reported, plan: { ...reported.plan, live: sealed.plan.live } }
    : (reported ?? null);
