import type { VpsTarget } from '../../../domain/plan.ts';
import type { Remote } from '../../ssh-remote.ts';
import { commands } from '../commands.ts';
import { logTail } from './log-tail.ts';
import { runnerWords } from './runner-words.ts';

/** The end of the service's log for an error text; never an error of its own. */
export async function lastLines(remote: Remote, target: VpsTarget): Promise<string> {
  const command = commands.journal(target, 20);
  const { script, args, step, timeoutMs } = command;
  const more = `See more: ${runnerWords(target).logs}`;
  try {
    const { code, stdout } = await remote.run(script, args, { step, timeoutMs });
    const lines = code === 0 ? logTail(stdout) : [];
    if (lines.length > 0) return `Its last lines:\n${lines.join('\n')}\n${more}`;
  } catch {
    // The host's fault that is being told matters more than this one.
  }
  return `Its ${target.run ? 'log' : 'journal'} could not be read. ${more}`;
}
