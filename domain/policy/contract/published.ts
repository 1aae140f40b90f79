import type { Effect } from '../contract.ts';

/** The commit onto the branch that a platform builds from. */
export const published = (
  { repository }: { repository: string },
  branch: string,
  when: Effect['when'] = 'forward',
): Effect => ({
  ...{ when, where: repository },
  what:
    when === 'forward'
      ? `the commit on ${branch}, unless it is there`
      : `one commit on ${branch} that takes it back`,
  calls: [`push ${branch} ${repository}`],
});
