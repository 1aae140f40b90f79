import type { Effect } from './platform.ts';

/**
 * Returns the effect of a push to a branch. If `when` is 'forward', the push contains the deployed
 * commit, because the platform builds from the branch. If not, the push contains the commit that
 * reverts the deploy.
 */
export const published = (
  { repository }: { repository: string },
  branch: string,
  when: Effect['when'] = 'forward',
): Effect => ({
  ...{ when, where: repository },
  what:
    when === 'forward'
      ? `the commit on ${branch}, unless it is already there`
      : `one commit on ${branch} that reverts the deploy`,
  calls: [`push ${branch} ${repository}`],
});
