import type { VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import type { RemoteResult } from '../../ssh-remote.ts';
import { exits } from './scripts.ts';

/** Why the checkout in place was left as it is; undefined for any other exit. */
export function checkoutRefused(
  name: string,
  { directory }: VpsTarget,
  { code, stdout }: RemoteResult,
) {
  const files = stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('before='))
    .join(', ');
  const refused = (why: string) => final(failures.rejectedByPlatform, `${name}: ${why}`);
  if (code === exits.notACheckout)
    return refused(
      `${directory} is not the top of a git checkout of this user. On the host: ` +
        `git -C ${directory} status; or leave checkout out of plimsoll.yaml.`,
    );
  if (code === exits.trackedChanges)
    return refused(
      `somebody changed files of the checkout ${directory}: ${files}. Nothing was touched. ` +
        `Look, then commit them elsewhere or take them back: git -C ${directory} diff`,
    );
  if (code === exits.untrackedInTheWay)
    return refused(
      `the commit would overwrite files of ${directory} that git does not know: ${files}. ` +
        'Nothing was touched. Move them away, then deploy again.',
    );
  return undefined;
}
