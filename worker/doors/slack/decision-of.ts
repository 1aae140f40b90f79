import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import type { SealedPlan } from '../../../domain/deploy/plan.ts';
import { subjectOf } from '../../../domain/approval/approval.ts';
import type { Click } from '../../../domain/approval/slack-click.ts';
import type { Decision } from '../../../domain/config/config.ts';

/**
 * Returns the nonce of a click. If Slack delivers a click several times, by socket or HTTP, each
 * delivery has the same nonce.
 */
export const nonceOf = (click: Click): string =>
  createHash('sha256').update(canonicalJson(click)).digest('hex').slice(0, 32);

/** Returns the decision that the bridge signs. It contains the click. */
export function decisionOf({ plan, digest }: SealedPlan, approver: string, click: Click): Decision {
  const { deployId, project, environment, sha, notAfter } = plan;
  const { user, team, channel, message, action } = click;
  return {
    ...{ subject: subjectOf(plan), subjectDigest: digest, deployId, project, environment, sha },
    ...{ decision: click.verb, approver, nonce: nonceOf(click), notAfter },
    via: { slack: { user, team, channel, message, action } },
  };
}
