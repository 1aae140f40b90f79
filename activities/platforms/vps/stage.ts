import { shellWord } from '../../../domain/lib/shell-word.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import type { Remote, RemoteResult } from './ssh/remote.ts';
import { commands, type Aim } from './commands.ts';
import { execute } from './execute.ts';
import { checkoutRefused } from './checkout-refused.ts';
import { elsewhereFailed } from './elsewhere-failed.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';
import { composeFailed, imageNotTagged, noSuchService, notMounted } from './no-such-service.ts';
import { prepareFailed } from './prepare-failed.ts';
import { tampered } from './tampered.ts';

/**
 * Fetches the commit, makes its work tree and prepares the tree. Makes the tree again if its ready
 * marker is missing, or if somebody changed its files. Throws a final failure of type
 * 'rejectedByPlatform' if the changed tree is live. For an in-place checkout, only fetches the
 * commit.
 */
export async function stage(remote: Remote, target: VpsTarget, to: Pick<Aim, 'sha' | 'epoch'>) {
  const text = await execute(remote, commands.stage(target, to), (result) =>
    explain(remote.name, target, to.sha, result),
  );
  const staged = readPairs(text).get('staged')?.at(-1);
  return { staged: staged === 'already' ? ('already' as const) : ('done' as const) };
}

function explain(name: string, target: VpsTarget, sha: string, result: RemoteResult) {
  if (result.code === exits.noSuchCommit) {
    return final(
      failures.rejectedByPlatform,
      `${name}: commit ${sha.slice(0, 12)} cannot be fetched from ${target.repository}. ` +
        `Push it, or check on the host: git ls-remote ${shellWord(target.repository)}`,
    );
  }
  if (result.code === exits.noSuchContainer) return noSuchService(name, target);
  if (result.code === exits.notMounted) return notMounted(name, target, result.stdout);
  if (result.code === exits.imageNotTagged) return imageNotTagged(name, target, result.stdout);
  if (result.code === exits.composeFailed) return composeFailed(name, target, sha, result.stdout);
  return (
    checkoutRefused(name, target, result) ??
    tampered(name, target, sha, result) ??
    elsewhereFailed(name, target, sha, result) ??
    prepareFailed(name, target, sha, result)
  );
}
