import { clicked, members } from '../forgery.ts';
import type { Edit } from '../unguarded.ts';
import { off } from './attack.ts';
import type { Attack } from './attack.ts';

const file = 'domain/approval/slack-door.ts';
const edit = (from: string, to: string): Edit => [file, from, to];

/**
 * Clicks that must not count although the bridge signed them. For example, somebody stole the key
 * of the bridge.
 */
export const ofTheBridge: Attack[] = [
  {
    name: 'a click in another workspace',
    why: 'the click came from the Slack workspace T0OTHER, not from T0SANDBOX',
    guard: [off(file, 'team !== door.team')],
    forms: [{ name: "by nina's member id", send: (world) => clicked(world, { team: 'T0OTHER' }) }],
  },
  {
    name: 'a click of another member',
    why: `the click came from U0MALLORY, but nina is ${members.nina} at Slack`,
    guard: [edit('return own === user ? null', 'return true ? null')],
    forms: [{ name: "in nina's name", send: (world) => clicked(world, { user: 'U0MALLORY' }) }],
  },
  {
    name: 'a click for an approver who is not at Slack',
    why: 'pete has no member id of Slack in the configuration',
    guard: [
      edit('if (own === undefined)', 'if (false)'),
      edit('return own === user ? null', 'return own === undefined || own === user ? null'),
    ],
    forms: [{ name: 'in his name', send: (world) => clicked(world, {}, { approver: 'pete' }) }],
  },
  {
    name: 'a click where there is no rollback target',
    why:
      'a click at Slack cannot approve a release that cannot be rolled back: approve the plan ' +
      'by key',
    guard: [edit('rollbackTarget === null || noReturn !== undefined', 'false')],
    place: { noReturn: 'a Durable Object is migrated' },
    forms: [{ name: "nina's own", send: (world) => clicked(world) }],
  },
  {
    name: 'a click where clicks only reject',
    why: 'the configuration allows clicks at Slack for rejections only: approve the plan by key',
    guard: [edit("if (rule.slack === 'never')", 'if (false)')],
    place: { slack: 'never' },
    forms: [{ name: "nina's own", send: (world) => clicked(world) }],
  },
  {
    name: 'a click where a plan knows nothing of Slack',
    why: 'approvals by Slack were not configured when this deploy was planned',
    guard: [edit('if (rule.slack === undefined)', 'if (false)')],
    place: { slack: undefined },
    forms: [{ name: "nina's own", send: (world) => clicked(world) }],
  },
];
