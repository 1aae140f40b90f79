import type { Activities } from '../domain/activities.ts';
import { judgeWaiver } from '../domain/policy/waiver.ts';
import { ruleAlone } from './approval/alone.ts';
import type { Subject } from './approval/alone.ts';
import type { ApprovalDeps } from './approval/ruling.ts';
import { waiveDigest } from './lib/seal-digest.ts';

/** The gate of the security audit believes what is recorded here. Transient: no ledger. */
export const createWaive = (deps: ApprovalDeps): Pick<Activities, 'waiveFinding'> => ({
  waiveFinding: (input) => ruleAlone(deps, waiving, input),
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
