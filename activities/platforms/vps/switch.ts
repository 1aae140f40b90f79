import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import type { Remote, RemoteResult } from './ssh/remote.ts';
import { commands, type Aim } from './commands.ts';
import { execute } from './execute.ts';
import { checkoutRefused } from './checkout-refused.ts';
import { elsewhereFailed } from './elsewhere-failed.ts';
import { readPairs } from './facts.ts';
import { prepareFailed } from './prepare-failed.ts';
import { exits } from './scripts.ts';
import { tampered } from './tampered.ts';

/**
 * Makes the release current: points the link `current` to the release by one rename, or checks out
 * the commit in place. Returns whether the switch was done before. Also returns the identity of the
 * process before the switch (`before`).
 */
export async function switchTo(remote: Remote, target: VpsTarget, to: Aim) {
  const text = await execute(remote, commands.switch(target, to), (result) =>
    explain(remote.name, target, to.sha, result),
  );
  const pairs = readPairs(text);
  const already = pairs.get('switched')?.at(-1) === 'already';
  return {
    switched: already ? ('already' as const) : ('done' as const),
    before: pairs.get('before')?.at(-1) || null,
  };
}

function explain(name: string, target: VpsTarget, sha: string, result: RemoteResult) {
  const { directory } = target;
  if (result.code === exits.currentIsDirectory) {
    return final(
      failures.rejectedByPlatform,
      `${name}: ${directory}/current is a directory, and Plimsoll needs a symlink of that name. ` +
        `Rename it once: mv ${directory}/current ${directory}/current.before-plimsoll`,
    );
  }
  if (result.code === exits.noSuchRelease) return noSuchRelease(name, target, sha, []);
  return (
    checkoutRefused(name, target, result) ??
    tampered(name, target, sha, result) ??
    elsewhereFailed(name, target, sha, result) ??
    prepareFailed(name, target, sha, result)
  );
}

/**
 * Makes the failure for a missing release. `have` lists the prepared releases, if they were read.
 */
export function noSuchRelease(name: string, target: VpsTarget, sha: string, have: string[]) {
  const { directory, checkout } = target;
  const shown = have.map((it) => it.slice(0, 12)).join(', ');
  const what = checkout
    ? `commit ${sha.slice(0, 12)} is not in the checkout ${directory}. `
    : `${directory}/releases/${sha} does not exist or was never fully prepared. ` +
      (shown === '' ? '' : `Prepared releases: ${shown}. `);
  const next = checkout || shown === '' ? 'Deploy' : 'Deploy one of these, or deploy';
  return final(
    failures.rejectedByPlatform,
    `${name}: ${what}${next} this commit again so that it is staged.`,
  );
}
