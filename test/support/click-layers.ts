import type { Edit } from './unguarded.ts';

const clicks = 'domain/approval/slack-click.ts';
const doors = 'domain/approval/slack-door.ts';
const policy = 'domain/approval/approval.ts';
const http = 'worker/doors/slack/http-door.ts';

const off = (file: string, test: string): Edit => [file, `if (${test})`, 'if (false)'];
const anybody = 'for (const approver of members.approvers.values()) return { approver };';

/** Edits of the bridge. Each edit removes one check, so that the bridge signs a forged click. */
export const bridge = {
  workspace: off(clicks, 'team !== members.team'),
  unknown: [
    clicks,
    'return refuse(\n    `No approver',
    `${anybody}\n  return refuse(\n    \`No approver`,
  ],
  agent: [clicks, 'if (agent !== undefined)', `if (agent !== undefined) ${anybody}\n  if (false)`],
  old: off(clicks, 'at < now - freshMs'),
  ahead: off(clicks, 'at > now + freshMs'),
  deploy: off(clicks, 'plan.deployId !== button.deployId'),
  digest: off(clicks, 'digest !== button.digest'),
  running: [clicks, "!asked.running || asked.phase !== 'approval'", "asked.phase !== 'approval'"],
  phase: [clicks, "!asked.running || asked.phase !== 'approval'", '!asked.running'],
  genuine: off(clicks, '!asked.genuine'),
  expired: [clicks, 'return now > Date.parse(plan.notAfter)', 'return false'],
} satisfies Record<string, Edit>;

/**
 * Edits of the ruling. Each edit removes one check, so that a forged click with a signature counts.
 */
export const judge = {
  workspace: off(doors, 'team !== door.team'),
  member: [doors, 'return own === user ? null', 'return true ? null'],
  expired: off(policy, 'Date.parse(now) > until'),
  unasked: [policy, "asked === 'nothing' ? 'the decision", "false ? 'the decision"],
  requester: [policy, 'return `${approver} requested', 'return null && `${approver} requested'],
  author: [policy, 'return `${approver} wrote', 'return null && `${approver} wrote'],
  replayed: off(policy, 'earlier.some((ruling) => ruling.genuine && ruling.nonce === nonce)'),
  /**
   * Lets the same approval (same nonce) count twice. Another approval by the same person is still
   * refused.
   */
  again: [
    policy,
    'const last = before.at(-1)',
    'const last = before.filter((ruling) => ruling.nonce !== nonce).at(-1)',
  ],
  twice: [policy, 'if (!last)', 'if (!last || decision.via)'],
  noReturn: [
    doors,
    'return rollbackTarget === null || noReturn !== undefined',
    'return rollbackTarget === null',
  ],
  never: off(doors, "rule.slack === 'never'"),
  unplanned: off(doors, 'rule.slack === undefined'),
} satisfies Record<string, Edit>;

/** Edits of the HTTP door. Each edit removes one check of a request's signature or time. */
export const door = {
  signature: off(http, 'theirs.length !== own.length || !timingSafeEqual(theirs, own)'),
  stamp: off(http, '!/^\\d{1,12}$/.test(stamp)'),
  ahead: off(http, 'ahead > skewSeconds'),
  old: [http, 'return ahead < -skewSeconds', 'return false'],
} satisfies Record<string, Edit>;
