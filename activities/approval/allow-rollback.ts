import { approvalState } from '../../domain/approval/approval-state.ts';
import type { Activities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { keepRule } from '../../domain/incident/flag.ts';
import { notAllowed } from '../../domain/messages/late-rollback.ts';
import { final } from '../lib/fail.ts';
import type { ApprovalDeps } from './ruling.ts';
import { judgeAgain } from './verify-approvals.ts';

/**
 * Makes the activity that verifies the signed rejection of the live release again. The activity
 * uses the worker's own configuration. The guard of the activity seals the warrant of the rollback.
 * Throws a final failure of type 'refused' if no rejection counts now.
 */
export const createAllowRollback = (deps: ApprovalDeps): Pick<Activities, 'allowRollback'> => ({
  async allowRollback({ sealed, signed }) {
    const rulings: Ruling[] = [];
    for (const one of signed) rulings.push(await judgeAgain(deps, sealed, one, rulings, 'keep'));
    const { kind, why } = approvalState({ rule: keepRule(sealed.plan) }, rulings);
    if (kind === 'rejected') return sealed;
    const voids = rulings.filter(({ verdict }) => verdict === 'void').map((ruling) => ruling.why);
    throw final(failures.refused, notAllowed(sealed.plan, [...voids, why].join('; ')));
  },
});
