import type { Reverted } from '../contract/activities.ts';
import { clean } from './parts/clean.ts';
import type { Plan } from '../deploy/plan.ts';

type Pull = { number: number; url: string; state: 'open' | 'closed'; merged: boolean };

/**
 * Returns the title and the text of the pull request that reverts a bad release. A squash merge
 * uses this text as its commit message. The last lines identify the revert for a later deploy.
 */
export function revertPull(plan: Plan, { why }: { why: string | null }) {
  const { branch, deployId, environment, project, release } = plan;
  const bad = plan.sha.slice(0, 7);
  const body = [
    `${bad} was rolled back in ${environment} of ${project}. ${branch} still contains it: the ` +
      `next deploy of ${branch} would release it again. Merge this pull request to revert it.`,
    '',
    ...(why
      ? [`The revert was not pushed, because ${branch} is protected: ${clean(why)}.`, '']
      : []),
    `This reverts commit ${plan.sha}.`,
    '',
    `Release-Id: ${release.id}`,
    `Plimsoll-Deploy: ${deployId}`,
  ];
  return { title: `Revert ${bad} of ${project}`, body: body.join('\n') };
}

/** Returns the state of the branch if its revert is a pull request. */
export function pullNote({ branch, sha }: Plan, { number, url, state, merged }: Pull): Reverted {
  const pull = { number, url };
  if (merged)
    return { sha: null, note: `reverted by pull request #${number}: ${url}`, pull, settled: true };
  const still = `${branch} still contains ${sha.slice(0, 7)}`;
  const note =
    state === 'open'
      ? `${still}, so a person must merge pull request #${number}: ${url}`
      : `${still}: pull request #${number} was closed without a merge: ${url}`;
  return { sha: null, note, pull };
}
