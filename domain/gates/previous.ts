import { plimsoll } from '../deploy/wire.ts';
import { judged, type Judged, unread } from './judged.ts';

/** The end of a deploy of a commit. `outcome` is the word in the ledger. `at` is an ISO time. */
export type PreviousRecord = {
  outcome: string;
  at: string;
  /** The later quarantine or revert of this commit, in any environment; null: there is none. */
  withdrawn: {
    how: 'quarantined' | 'reverted';
    environment: string;
    sha: string;
    why: string;
    at: string;
  } | null;
};

export type PreviousFacts = {
  project: string;
  /** The environment in which this commit must have succeeded first. */
  before: string;
  sha: string;
  /** The newest closed deploy of this commit to `before`; null = none. */
  record: PreviousRecord | null;
  /** One sentence for each source that could not be read. */
  sourceErrors: string[];
};

function against({ project, before, sha, record }: PreviousFacts): string[] {
  const commit = sha.slice(0, 7);
  const deploy = `${plimsoll} deploy ${project} ${before} --ref ${sha}`;
  if (record === null)
    return [
      `no deploy of ${commit} to ${before}, the previous environment, has ended, so nothing ` +
        `proves that the commit works. Deploy it there first: ${deploy}`,
    ];
  const { outcome, at, withdrawn } = record;
  if (outcome !== 'succeeded')
    return [
      `${commit} ended ${outcome} in ${before}, the previous environment (${at}). Fix the ` +
        `failure. If the commit was not the cause, deploy it there again: ${deploy}`,
    ];
  if (withdrawn?.how === 'quarantined')
    return [
      `${commit} succeeded in ${before} but is quarantined since ${withdrawn.at} ` +
        `(${withdrawn.why}). Deploy a commit that fixes it, or lift the quarantine: ${plimsoll} ` +
        `lift ${project} ${withdrawn.environment} ${withdrawn.sha.slice(0, 12)} --reason "why it ` +
        'is safe"',
    ];
  return withdrawn
    ? [
        `${commit} succeeded in ${before}, but a deploy to ${withdrawn.environment} reverted it ` +
          `later (${withdrawn.at}). Deploy it to ${before} again first: ${deploy}`,
      ]
    : [];
}

/**
 * Opens the gate if exactly this commit succeeded in the environment `before`, and was not
 * quarantined or reverted later.
 */
export function judgePrevious(facts: PreviousFacts): Judged {
  const { before, sha, record, sourceErrors } = facts;
  const why = sourceErrors.length > 0 ? unread(sourceErrors) : against(facts);
  return judged(why, [`${sha.slice(0, 7)} succeeded in ${before} (${record?.at})`]);
}
