import { plimsoll } from '../../messages.ts';
import { judged, type Judged, unread } from './judged.ts';

/** `outcome` as the ledger has it; times are ISO. */
export type PreviousRecord = {
  outcome: string;
  at: string;
  /** What took the commit back later, in whichever environment. */
  takenBack: {
    how: 'quarantined' | 'reverted';
    environment: string;
    sha: string;
    why: string;
    at: string;
  } | null;
};

export type PreviousFacts = {
  project: string;
  /** The environment that must have proven this commit. */
  before: string;
  sha: string;
  /** The newest deploy of this commit that ended there; null = none did. */
  record: PreviousRecord | null;
  /** What could not be read, one sentence each. */
  sourceErrors: string[];
};

function against({ project, before, sha, record }: PreviousFacts): string[] {
  const commit = sha.slice(0, 7);
  const deploy = `${plimsoll} deploy ${project} ${before} --ref ${sha}`;
  if (record === null)
    return [
      `no deploy of ${commit} to ${before}, the environment before, has ended: ` +
        `nothing shows that it works. Deploy it there first: ${deploy}`,
    ];
  const { outcome, at, takenBack } = record;
  if (outcome !== 'succeeded')
    return [
      `${commit} ended ${outcome} in ${before}, the environment before (${at}). ` +
        `Mend what failed; if it was not the commit, deploy it there again: ${deploy}`,
    ];
  if (takenBack?.how === 'quarantined')
    return [
      `${commit} succeeded in ${before} but is quarantined since ${takenBack.at} (${takenBack.why}). ` +
        'Deploy a commit that mends it, or lift it: ' +
        `${plimsoll} lift ${project} ${takenBack.environment} ${takenBack.sha.slice(0, 12)} ` +
        '--reason "why it is safe"',
    ];
  return takenBack
    ? [
        `${commit} succeeded in ${before} but was reverted for ${takenBack.environment} ` +
          `since (${takenBack.at}). Show again that it works: ${deploy}`,
      ]
    : [];
}

/** This commit, and no other, has succeeded in the environment before and nothing took it back. */
export function judgePrevious(facts: PreviousFacts): Judged {
  const { before, sha, record, sourceErrors } = facts;
  const why = sourceErrors.length > 0 ? unread(sourceErrors) : against(facts);
  return judged(why, [`${sha.slice(0, 7)} succeeded in ${before} (${record?.at})`]);
}
