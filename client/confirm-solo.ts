import { readFile } from 'node:fs/promises';
import type { SealedPlan } from '../domain/plan.ts';
import { plimsoll } from '../domain/messages.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

/**
 * Solo mode with an ordinary key: a human must be at the terminal and type the short digest.
 * UserError, exit 4: nobody can be asked, or something else was typed.
 */
export async function confirmSolo(io: Io, { plan, digest }: SealedPlan, keyPath: string) {
  if (plan.rule.solo !== 'file-key' || (await isTouchKey(keyPath))) return;
  const short = digest.slice(0, 8);
  if (!io.asks)
    throw new UserError(
      'Solo mode with a key file wants a human at a terminal, who types the short digest: ' +
        'never with --no-input, --json or a pipe. Nothing was signed.\n' +
        `On a terminal:  ${plimsoll} approve ${plan.project} ${plan.environment}`,
      exitCodes.notAllowed,
    );
  const typed = await io.ask(`Solo mode, recorded as such. Type ${short} to approve: `);
  if (typed.trim() !== short)
    throw new UserError(
      `That is not ${short}. Nothing was signed.\n` +
        `Try again:  ${plimsoll} approve ${plan.project} ${plan.environment}`,
      exitCodes.notAllowed,
    );
}

/** The finger on the key is the proof of a human. */
async function isTouchKey(keyPath: string): Promise<boolean> {
  const file = keyPath.endsWith('.pub') ? keyPath : `${keyPath}.pub`;
  const line = await readFile(file, 'utf8').catch(() => '');
  return line.startsWith('sk-');
}
