import type { VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import type { RemoteResult } from '../../ssh-remote.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';

/** Another hand was at work between two steps of this deploy; undefined for any other exit. */
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
    const files = pairs.get('altered')?.join(', ') ?? 'none that the commit has';
    return refused(
      `somebody changed files of ${where} after it was staged (${files}), ` +
        'so it is not what was approved. The service was not restarted. ' +
        `Look on the host: git -C ${where} status; then deploy this commit again.`,
    );
  }
  if (code === exits.movedAway) {
    const now = pairs.get('current')?.at(-1) || 'nothing';
    return refused(
      `somebody moved ${checkout ? 'the checkout' : `${directory}/current`} to ${now} after it ` +
        `was switched to ${sha.slice(0, 12)}, so the service was not restarted. ` +
        'Find out who deploys there beside Plimsoll, then deploy this commit again.',
    );
  }
  return undefined;
}
