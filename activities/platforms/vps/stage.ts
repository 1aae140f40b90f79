import type { VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import type { Remote, RemoteResult } from '../../ssh-remote.ts';
import { commands } from '../commands.ts';
import { execute } from './execute.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';
import { logTail } from './log-tail.ts';

/**
 * Fetches the commit, makes its work tree, prepares it. A tree without its ready marker is made
 * anew.
 */
export async function stage(remote: Remote, target: VpsTarget, sha: string) {
  const text = await execute(remote, commands.stage(target, sha), (result) =>
    explain(remote.name, target, sha, result),
  );
  const staged = readPairs(text).get('staged')?.at(-1);
  return { staged: staged === 'already' ? ('already' as const) : ('done' as const) };
}

function explain(name: string, target: VpsTarget, sha: string, result: RemoteResult) {
  const short = sha.slice(0, 12);
  const log = logTail(result.stdout).join('\n');
  if (result.code === exits.noSuchCommit) {
    return final(
      failures.rejectedByPlatform,
      `${name}: commit ${short} cannot be had from ${target.repository}. ` +
        `Push it, or check on the host: git ls-remote ${target.repository}`,
    );
  }
  if (result.code === exits.prepareTimedOut) {
    return final(
      failures.unhealthyRelease,
      `${name}: prepare of ${short} did not end within ${Math.ceil(target.prepareMs / 1000)} s and was ` +
        `stopped; nothing that is served was touched. Raise prepareMinutes or make it quicker.\n` +
        `Its last lines:\n${log}`,
    );
  }
  if (result.code !== exits.prepareFailed) return undefined;
  return final(
    failures.unhealthyRelease,
    `${name}: prepare of ${short} failed; nothing that is served was touched. ` +
      `Its last lines:\n${log}\nTry it: cd ${target.directory}/releases/${sha} && ${target.prepare}`,
  );
}
