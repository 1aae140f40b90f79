import type { Activities } from '../domain/activities.ts';
import { judgeLift } from '../domain/policy/lift.ts';
import { commitOf, quarantineToLift, releaseOf } from '../domain/policy/standing.ts';
import type { Decision } from '../domain/schema.ts';
import { ruleAlone } from './approval/alone.ts';
import type { Sent, Subject } from './approval/alone.ts';
import { available } from './approval/ruling.ts';
import type { ApprovalDeps } from './approval/ruling.ts';
import type { Ledger } from './ledger.ts';
import { liftDigest } from './lib/seal-digest.ts';

type Deps = ApprovalDeps & { ledger: Pick<Ledger, 'append' | 'find' | 'quarantines'> };

/** The one door out of a quarantine. Transient: no ledger. */
export const createLift = (deps: Deps): Pick<Activities, 'liftQuarantine'> => ({
  liftQuarantine: (input) => ruleAlone(deps, lifting(deps), input),
});

const lifting = (deps: Deps): Subject<Sent> => ({
  ...{ asked: 'lift', noun: 'a signed lift', kind: 'lifted' },
  async judge({ reason }, known) {
    const { deployId, project, environment, sha } = known.decision;
    const quarantine = await standingFor(deps, known.decision);
    const digest = liftDigest({ deployId, project, environment, sha, reason });
    const judged = judgeLift({ ...known, digest, quarantine });
    const about = quarantine ? { sha: commitOf(quarantine), release: releaseOf(quarantine) } : {};
    return { judged, about };
  },
});

async function standingFor({ ledger }: Deps, { project, environment, sha }: Decision) {
  const entries = await available(ledger.quarantines(project));
  return quarantineToLift(entries, { environment, sha });
}
