import type { Activities } from '../../domain/contract/activities.ts';
import { judgeResuming, judgeStopping } from '../../domain/gates/stop.ts';
import { ruleStandalone } from '../approval/standalone-decision.ts';
import type { Sent, Subject } from '../approval/standalone-decision.ts';
import { available } from '../approval/ruling.ts';
import type { ApprovalDeps } from '../approval/ruling.ts';
import { readStop } from '../approval/stop.ts';
import { stopDigest } from '../lib/seal-digest.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { effect } from '../lib/effect.ts';

/**
 * Makes the activities that stop the line and lift a stop. They verify the signature, because every
 * deploy obeys their ledger entries. They throw a transient failure if the ledger does not answer.
 */
export const createStop = (deps: ApprovalDeps): Pick<Activities, 'stopLine' | 'resumeLine'> => ({
  stopLine: effect('stopLine', (input) => ruleStandalone(deps, stopping, input)),
  resumeLine: effect('resumeLine', (input) => ruleStandalone(deps, resuming(deps), input)),
});

const stopping: Subject<Sent> = {
  ...{ asked: 'stop', noun: 'a signed stop', kind: 'stopped', free: true, everywhere: true },
  async judge({ reason }, known) {
    const digest = stopDigest({ subject: 'stop', stop: '', reason });
    const judged = judgeStopping({ ...known, digest, reason: withoutSecrets(reason) });
    return { judged, about: { by: known.decision.approver } };
  },
};

const resuming = (deps: ApprovalDeps): Subject<Sent> => ({
  ...{ asked: 'resume', noun: 'a signed lift', kind: 'resumed', everywhere: true },
  async judge({ reason }, known) {
    const { approver, deployId } = known.decision;
    const stop = await available(readStop(deps.ledger, deps.config()));
    const digest = stopDigest({ subject: 'resume', stop: deployId, reason });
    const judged = judgeResuming({ ...known, digest, stop });
    return { judged, about: { by: approver, stop: deployId } };
  },
});
