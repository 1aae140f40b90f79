import * as words from '../../domain/messages/supersede-screen.ts';
import type { DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import type { RequestRuling } from '../../domain/deploy/plan.ts';
import type { DeployRequest } from '../../domain/config/config.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

type Refusal = Pick<RequestRuling, 'why' | 'maySupersede'>;

/**
 * Returns a UserError (exit 4) for a request that was refused because the open deploy continues.
 */
export const refusedText = (snapshot: DeploySnapshot, request: DeployRequest, refusal: Refusal) =>
  new UserError(
    words.refusedText(snapshot, request, { ...refusal, now: new Date() }),
    exitCodes.notAllowed,
  );

/** Returns a UserError (exit 8) for a request that the open deploy has not answered yet. */
export const unansweredText = (snapshot: DeploySnapshot) =>
  new UserError(words.unansweredText(snapshot), exitCodes.running);
