import type { SealedPlan } from '../../domain/deploy/plan.ts';
import {
  badPublicKeys,
  sealAtDoor,
  sealRefused,
  sealUnknown,
  sealVerified,
} from '../../domain/messages/seal.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Session } from './connect.ts';

/**
 * Verifies that a worker sealed the plan that a person is about to sign. Uses the public keys that
 * this machine knows. Returns a line for people. Throws a UserError if no worker sealed the plan.
 */
export async function checkSeal(
  io: Io,
  session: Pick<Session, 'address' | 'namespace'>,
  sealed: SealedPlan,
): Promise<string> {
  const { knownKeys } = await import('../../worker/seal/known-keys.ts');
  const { whyNotSealed } = await import('../../worker/seal/verify-plan.ts');
  const { hostOfAddress } = await import('../../worker/seal/open-seals.ts');
  const { isLoopback } = await import('../../worker/config/endpoints.ts');
  const local = session.namespace !== null && isLoopback(hostOfAddress(session.address));
  const known = await knownKeys({ env: io.env, local });
  if (known === null) return session.namespace === null ? sealAtDoor : sealUnknown;
  if ('bad' in known) throw new UserError(badPublicKeys(known.bad), exitCodes.usage);
  const why = whyNotSealed(known, sealed);
  if (why === null) return sealVerified(known.from);
  const { project, environment } = sealed.plan;
  const where = `${project} ${environment}`;
  throw new UserError(sealRefused(where, { why, from: known.from }), exitCodes.notAllowed);
}
