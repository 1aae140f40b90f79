import type { Edit } from './unguarded.ts';

const clicks = 'domain/policy/slack-click.ts';
const doors = 'domain/policy/slack-door.ts';
const policy = 'domain/policy/approval.ts';
const http = 'worker/slack/http-door.ts';

const off = (file: string, test: string): Edit => [file, `if (${test})`, 'if (false)'];
const anybody = 'for (const approver of members.approvers.values()) return { approver };';

/** What keeps a forged click from being signed, each taken out alone. */
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

/** What keeps it from counting once it is signed. */
export const judge = {
  workspace: off(doors, 'team !== door.team'),
  member: [doors, 'return own === user ? null', 'return true ? null'],
  expired: off(policy, 'Date.parse(now) > until'),
  unasked: [policy, "asked === 'nothing' ? 'it came", "false ? 'it came"],
  requester: [policy, 'return `${approver} requested', 'return null && `${approver} requested'],
  author: [policy, 'return `${approver} wrote', 'return null && `${approver} wrote'],
  replayed: off(policy, 'earlier.some((ruling) => ruling.genuine && ruling.nonce === nonce)'),
  /** The same approval once more, but no other one. */
  again: [
    policy,
    'const last = before.at(-1)',
    'const last = before.filter((ruling) => ruling.nonce !== nonce).at(-1)',
  ],
  twice: [policy, 'if (!last)', 'if (!last || decision.via)'],
  noReturn: [
    doors,
    'return restoreTo === null || noReturn !== undefined',
    'return restoreTo === null',
  ],
  never: off(doors, "rule.slack === 'never'"),
  unplanned: off(doors, 'rule.slack === undefined'),
} satisfies Record<string, Edit>;

/** What keeps a request out that Slack did not sign just now. */
export const door = {
  signature: off(http, 'theirs.length !== own.length || !timingSafeEqual(theirs, own)'),
  stamp: off(http, '!/^\\d{1,12}$/.test(stamp)'),
  ahead: off(http, 'ahead > skewSeconds'),
  old: [http, 'return ahead < -skewSeconds', 'return false'],
} satisfies Record<string, Edit>;
