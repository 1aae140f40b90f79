import type { Activities } from '../../domain/contract/activities.ts';
import { judgeWaiver } from '../../domain/approval/waiver.ts';
import { ruleStandalone } from '../approval/standalone-decision.ts';
import type { Subject } from '../approval/standalone-decision.ts';
import type { ApprovalDeps } from '../approval/ruling.ts';
import { waiveDigest } from '../lib/seal-digest.ts';
import { effect } from '../lib/effect.ts';

/**
 * Makes the activity that waives a finding by a signed decision. The audit gate later reads the
 * ledger entry. The activity throws a transient failure if the ledger does not answer.
 */
export const createWaive = (deps: ApprovalDeps): Pick<Activities, 'waiveFinding'> => ({
  waiveFinding: effect('waiveFinding', (input) => ruleStandalone(deps, waiving, input)),
});

const waiving: Subject<Parameters<Activities['waiveFinding']>[0]> = {
  ...{ asked: 'waive', noun: 'a signed waiver', kind: 'waived' },
  async judge({ finding, reason, until }, known) {
    const { project, environment, approver } = known.decision;
    const digest = waiveDigest({ project, environment, finding, reason, until });
    const judged = judgeWaiver({ ...known, digest, finding, until });
    return { judged, about: { finding, until, by: approver } };
  },
};
