import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { clean } from '../../../domain/messages/parts/clean.ts';
import { final } from '../../lib/fail.ts';
import type { RemoteResult } from './ssh/remote.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';

/**
 * Makes the failure if the exit code says that somebody changed the staged tree, or moved
 * `current`, between two steps of this deploy. Returns undefined for any other exit code.
 */
export function tampered(
  name: string,
  { directory, checkout }: VpsTarget,
  sha: string,
  { code, stdout }: RemoteResult,
) {
  const refused = (why: string) => final(failures.rejectedByPlatform, `${name}: ${why}`);
  const where = checkout ? directory : `${directory}/releases/${sha}`;
  const pairs = readPairs(stdout);
  if (code === exits.altered) {
    const names = clean(pairs.get('altered'));
    const files = names?.join(', ') ?? 'files that are not in the commit';
    return refused(
      `somebody changed files of ${where} after the commit was staged: ${files}. ` +
        'These are not the approved files, so the service was not restarted. ' +
        `Deploy this commit again. See the changes on the host: git -C ${where} status`,
    );
  }
  if (code === exits.movedAway) {
    const now = pairs.get('current')?.at(-1) || 'nothing';
    return refused(
      `somebody moved ${checkout ? 'the checkout' : `${directory}/current`} to ${now} after it ` +
        `was switched to ${sha.slice(0, 12)}, so the service was not restarted. ` +
        'Find out who else deploys to this host, then deploy this commit again.',
    );
  }
  return undefined;
}
