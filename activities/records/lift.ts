import type { Activities } from '../../domain/contract/activities.ts';
import { judgeLift } from '../../domain/approval/lift.ts';
import { commitOf, quarantineToLift, releaseOf } from '../../domain/rollback/standing.ts';
import type { Decision } from '../../domain/config/config.ts';
import { ruleStandalone } from '../approval/standalone-decision.ts';
import type { Sent, Subject } from '../approval/standalone-decision.ts';
import { available } from '../approval/ruling.ts';
import type { ApprovalDeps } from '../approval/ruling.ts';
import type { Ledger } from '../ledger/types.ts';
import { liftDigest } from '../lib/seal-digest.ts';
import { effect } from '../lib/effect.ts';

type Deps = ApprovalDeps & { ledger: Pick<Ledger, 'append' | 'find' | 'quarantines'> };

/**
 * Makes the activity that lifts a quarantine. Only this activity can end a quarantine. Throws a
 * transient failure if the ledger does not answer.
 */
export const createLift = (deps: Deps): Pick<Activities, 'liftQuarantine'> => ({
  liftQuarantine: effect('liftQuarantine', (input) => ruleStandalone(deps, lifting(deps), input)),
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
