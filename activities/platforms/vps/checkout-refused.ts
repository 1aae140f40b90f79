import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { clean } from '../../../domain/messages/parts/clean.ts';
import { final } from '../../lib/fail.ts';
import type { RemoteResult } from './ssh/remote.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';

/**
 * Makes the failure if the exit code says that Plimsoll must not change an in-place checkout.
 * Returns undefined for any other exit code.
 */
export function checkoutRefused(
  name: string,
  { directory }: VpsTarget,
  { code, stdout }: RemoteResult,
) {
  const files = clean(readPairs(stdout).get('file') ?? []).join(', ');
  const refused = (why: string) => final(failures.rejectedByPlatform, `${name}: ${why}`);
  if (code === exits.notACheckout)
    return refused(
      `${directory} is not the top directory of a git checkout that the ssh user may use. ` +
        'Remove checkout from plimsoll.yaml, or check the directory on the host: ' +
        `git -C ${directory} status`,
    );
  if (code === exits.trackedChanges)
    return refused(
      `somebody changed files of the checkout ${directory}: ${files}. Nothing was touched. ` +
        'Commit these changes elsewhere or discard them, then deploy again. ' +
        `See the changes on the host: git -C ${directory} diff`,
    );
  if (code === exits.untrackedInTheWay)
    return refused(
      `the commit would overwrite files of ${directory} that git does not know: ${files}. ` +
        'Nothing was touched. Move these files away, then deploy again.',
    );
  return undefined;
}
