import type { Activities } from '../domain/activities.ts';
import { judgeResuming, judgeStopping } from '../domain/policy/stop.ts';
import { ruleAlone } from './approval/alone.ts';
import type { Sent, Subject } from './approval/alone.ts';
import { available } from './approval/ruling.ts';
import type { ApprovalDeps } from './approval/ruling.ts';
import { readStop } from './ledger/stop.ts';
import { stopDigest } from './lib/seal-digest.ts';
import { redactSecrets } from './ledger/body-guard.ts';

/** Every deploy believes what is recorded here. Transient: no ledger. */
export const createStop = (deps: ApprovalDeps): Pick<Activities, 'stopLine' | 'resumeLine'> => ({
  stopLine: (input) => ruleAlone(deps, stopping, input),
  resumeLine: (input) => ruleAlone(deps, resuming(deps), input),
});

const stopping: Subject<Sent> = {
  ...{ asked: 'stop', noun: 'a signed stop', kind: 'stopped', free: true, everywhere: true },
  async judge({ reason }, known) {
    const digest = stopDigest({ subject: 'stop', stop: '', reason });
    const judged = judgeStopping({ ...known, digest, reason: redactSecrets(reason) });
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
