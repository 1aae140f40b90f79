import { judgeAlone, type AloneCase } from './alone.ts';
import type { Judgement } from './approval.ts';

export type LiftCase = AloneCase & {
  /** The newest standing quarantine of exactly this commit in this environment; null = there is none. */
  quarantine: { deployId: string | null } | null;
};

const words = {
  subject: 'lift',
  noun: 'a lift',
  verb: 'lift a quarantine',
  byItself: 'a quarantine stays by itself',
  parts: 'commit, place or reason',
} as const;

/** Does this lift count, and if not, why. */
export function judgeLift(it: LiftCase): Judgement {
  const { approver, sha, project, environment } = it.decision;
  const counts = `${approver} lifts the quarantine of ${short(sha)} in ${project} ${environment}`;
  return judgeAlone(it, words, { own: wrongQuarantine(it), counts });
}

function wrongQuarantine({ decision, quarantine }: LiftCase): string | null {
  const { sha, project, environment, deployId } = decision;
  if (!quarantine) return `${short(sha)} is not quarantined in ${project} ${environment}`;
  return quarantine.deployId === deployId
    ? null
    : `it is for the quarantine of another deploy (${deployId}), which stands no more`;
}

const short = (digits: string) => digits.slice(0, 12);
