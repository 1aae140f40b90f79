import { plimsoll } from '../domain/messages.ts';
import type { SealedPlan } from '../domain/plan.ts';
import { crossingWords } from '../domain/policy/forward-only.ts';
import { clean } from './clean.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { short } from './words.ts';

/**
 * Going back across schema migrations is confirmed before it is signed: by typing the release that comes back, or
 * by naming the one that goes with --sha. UserError, exit 4: neither was done.
 */
export async function confirmCrossing(io: Io, sealed: SealedPlan, sha: string | undefined) {
  const { plan } = clean(sealed);
  const back = short(plan.restoreTo?.sha ?? '');
  io.say(`${back} becomes live again on a database that has ${crossingWords(plan)}.`);
  if (sha !== undefined) return;
  const typed = io.asks ? (await io.ask(`Type ${back} to go back to it: `)).trim() : null;
  if (typed === back) return;
  const what = typed === null ? 'Nobody can be asked here' : `That is not ${back}`;
  const { project, environment } = plan;
  throw new UserError(
    `${what}. Nothing was signed.\n` +
      `Say which release goes:  ${plimsoll} reject ${project} ${environment} --sha ${short(plan.sha)}`,
    exitCodes.notAllowed,
  );
}
