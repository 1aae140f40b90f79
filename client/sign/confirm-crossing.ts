import { plimsoll } from '../../domain/deploy/wire.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import { crossingWords } from '../../domain/messages/migrations.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { short } from '../../domain/messages/parts/format.ts';

/**
 * Asks the person to confirm a rollback across schema migrations, before the person signs the
 * rollback. The person types the rollback target. If --sha names the release, no question is
 * asked. Throws a UserError (exit 4) if the person does not confirm.
 */
export async function confirmCrossing(io: Io, sealed: SealedPlan, sha: string | undefined) {
  const { plan } = clean(sealed);
  const back = short(plan.rollbackTarget?.sha ?? '');
  io.say(`${back} becomes live again on a database that has ${crossingWords(plan)}.`);
  if (sha !== undefined) return;
  const typed = io.asks
    ? (await io.ask(`Type ${back} to roll back to this release: `)).trim()
    : null;
  if (typed === back) return;
  const what = typed === null ? 'There is no terminal to ask on' : `The typed text is not ${back}`;
  const { project, environment } = plan;
  throw new UserError(
    `${what}. Nothing was signed.\n` +
      `Name the release to roll back:  ${plimsoll} reject ${project} ${environment} --sha ${short(plan.sha)}`,
    exitCodes.notAllowed,
  );
}
