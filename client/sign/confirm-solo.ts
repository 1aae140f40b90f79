import { readFile } from 'node:fs/promises';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/**
 * In solo mode with an ordinary key, a human must type the short digest at a terminal. Throws a
 * UserError (exit 4) if nobody can be asked, or if the text is wrong.
 */
export async function confirmSolo(io: Io, { plan, digest }: SealedPlan, keyPath: string) {
  if (plan.rule.solo !== 'file-key' || (await isTouchKey(keyPath))) return;
  const short = digest.slice(0, 8);
  if (!io.asks)
    throw new UserError(
      'In solo mode with a key file, a human must type the short digest at a terminal. ' +
        'This is impossible with --no-input, --json or a pipe. Nothing was signed.\n' +
        `On a terminal:  ${plimsoll} approve ${plan.project} ${plan.environment}`,
      exitCodes.notAllowed,
    );
  const typed = await io.ask(
    `Solo mode: the ledger will record that you approved alone. Type ${short} to approve: `,
  );
  if (typed.trim() !== short)
    throw new UserError(
      `The typed text is not ${short}. Nothing was signed.\n` +
        `Try again:  ${plimsoll} approve ${plan.project} ${plan.environment}`,
      exitCodes.notAllowed,
    );
}

/** True for a security key. A touch of such a key proves that a human is present. */
async function isTouchKey(keyPath: string): Promise<boolean> {
  const file = keyPath.endsWith('.pub') ? keyPath : `${keyPath}.pub`;
  const line = await readFile(file, 'utf8').catch(() => '');
  return line.startsWith('sk-');
}
