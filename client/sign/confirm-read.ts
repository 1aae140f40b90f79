import { readFile } from 'node:fs/promises';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { briefOf } from '../../domain/messages/plan.ts';
import { short } from '../../domain/messages/parts/format.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

type Confirmation = {
  verb: 'approve' | 'keep';
  keyPath: string;
  /** True if the person wrote --yes. */
  yes: boolean;
};

/**
 * Asks the person to confirm the plan before it is signed. The plan may be longer than the screen,
 * so the most important facts stand directly above the question. In solo mode with an ordinary key,
 * the person must type the short digest, even with --yes. Throws a UserError (exit 4) if the person
 * does not confirm, or if nobody can be asked.
 */
export async function confirmRead(
  io: Io,
  sealed: SealedPlan,
  { verb, keyPath, yes }: Confirmation,
) {
  const { plan } = sealed;
  const command = `${plimsoll} ${verb} ${plan.project} ${plan.environment}`;
  if (plan.rule.solo === 'file-key' && !(await isTouchKey(keyPath))) {
    await confirmSolo(io, sealed, command);
    return;
  }
  if (yes) return;
  if (!io.asks)
    throw new UserError(
      'Nobody confirmed the plan, because you can be asked only on a terminal, without --no-input and --json. ' +
        'Nothing was signed.\n' +
        `Read the plan, then sign it:  ${command} --sha ${short(plan.sha)} --yes`,
      exitCodes.notAllowed,
    );
  io.say(briefOf(sealed));
  const what = verb === 'approve' ? 'Approve this deploy?' : 'Keep this release?';
  const typed = (await io.ask(`${what} [y/N] `)).trim();
  if (/^y(es)?$/i.test(typed)) return;
  throw new UserError(
    `You did not confirm the plan. Nothing was signed.\nTry again:  ${command}`,
    exitCodes.notAllowed,
  );
}

async function confirmSolo(io: Io, sealed: SealedPlan, command: string) {
  const short = sealed.digest.slice(0, 8);
  if (!io.asks)
    throw new UserError(
      'In solo mode with a key file, a human must type the short digest at a terminal. ' +
        'This is impossible with --no-input, --json or a pipe. Nothing was signed.\n' +
        `On a terminal:  ${command}`,
      exitCodes.notAllowed,
    );
  io.say(briefOf(sealed));
  const typed = await io.ask(
    `Solo mode: the ledger will record that you approved alone. Type ${short} to approve: `,
  );
  if (typed.trim() !== short)
    throw new UserError(
      `The typed text is not ${short}. Nothing was signed.\nTry again:  ${command}`,
      exitCodes.notAllowed,
    );
}

/** Returns true for a security key. A person must touch such a key, so a human is present. */
async function isTouchKey(keyPath: string): Promise<boolean> {
  const file = keyPath.endsWith('.pub') ? keyPath : `${keyPath}.pub`;
  const line = await readFile(file, 'utf8').catch(() => '');
  return line.startsWith('sk-');
}
