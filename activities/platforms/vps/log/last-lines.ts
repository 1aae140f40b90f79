import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import type { Remote } from '../ssh/remote.ts';
import { commands } from '../commands.ts';
import { logTail } from '../../../lib/log-tail.ts';
import { runnerWords } from '../runner-words.ts';

/** Returns the last lines of the service's log, for an error text. Never throws. */
export async function lastLines(remote: Remote, target: VpsTarget): Promise<string> {
  const command = commands.journal(target, 20);
  const { script, args, step, timeoutMs } = command;
  const more = `See more: ${runnerWords(target).logs}`;
  try {
    const { code, stdout } = await remote.run(script, args, { step, timeoutMs });
    const lines = code === 0 ? logTail(stdout) : [];
    if (lines.length > 0) return `Its last lines:\n${lines.join('\n')}\n${more}`;
  } catch {
    // The caller already reports a more important failure.
  }
  return `The ${target.run ? 'log' : 'journal'} of ${target.service} could not be read. ${more}`;
}
