import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import type { SealedPlan } from '../../domain/plan.ts';
import { subjectOf } from '../../domain/policy/approval.ts';
import type { Click } from '../../domain/policy/slack-click.ts';
import type { Decision } from '../../domain/schema.ts';

/** One click, one nonce, in whatever way and however often Slack brings it. */
export const nonceOf = (click: Click): string =>
  createHash('sha256').update(canonicalJson(click)).digest('hex').slice(0, 32);

/** What the bridge signs: the decision, and the click that it was. */
export function decisionOf({ plan, digest }: SealedPlan, approver: string, click: Click): Decision {
  const { deployId, project, environment, sha, notAfter } = plan;
  const { user, team, channel, message, action } = click;
  return {
    ...{ subject: subjectOf(plan), subjectDigest: digest, deployId, project, environment, sha },
    ...{ decision: click.verb, approver, nonce: nonceOf(click), notAfter },
    via: { slack: { user, team, channel, message, action } },
  };
}
