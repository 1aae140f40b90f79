import { judgeStandalone, type StandaloneCase } from './standalone-decision.ts';
import type { Judgement } from './approval.ts';

export type LiftCase = StandaloneCase & {
  /**
   * The newest active quarantine of exactly this commit in this environment. null = there is no
   * such quarantine.
   */
  quarantine: { deployId: string | null } | null;
};

const words = {
  subject: 'lift',
  noun: 'a lift',
  verb: 'lift a quarantine',
  byItself: 'a quarantine stays unless it is lifted',
  parts: 'commit, place or reason',
} as const;

/** Judges whether this lift counts. If the lift does not count, `why` is the first reason found. */
export function judgeLift(it: LiftCase): Judgement {
  const { approver, sha, project, environment } = it.decision;
  const counts = `${approver} lifts the quarantine of ${short(sha)} in ${project} ${environment}`;
  return judgeStandalone(it, words, { own: wrongQuarantine(it), counts });
}

function wrongQuarantine({ decision, quarantine }: LiftCase): string | null {
  const { sha, project, environment, deployId } = decision;
  if (!quarantine) return `${short(sha)} is not quarantined in ${project} ${environment}`;
  return quarantine.deployId === deployId
    ? null
    : `the lift is for the quarantine by the deploy ${deployId}, which is no longer in force`;
}

const short = (digits: string) => digits.slice(0, 12);
