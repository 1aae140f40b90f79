import { clicked, members } from '../forgery.ts';
import type { Edit } from '../unguarded.ts';
import { off } from './attack.ts';
import type { Attack } from './attack.ts';

const file = 'domain/policy/slack-door.ts';
const edit = (from: string, to: string): Edit => [file, from, to];

/** The bridge's own key signed these: it was stolen, or the bridge is wrong about who clicked. */
export const ofTheBridge: Attack[] = [
  {
    name: 'a click in another workspace',
    why: 'the click came from the Slack workspace T0OTHER, not from T0SANDBOX',
    guard: [off(file, 'team !== door.team')],
    forms: [{ name: "by nina's member id", send: (world) => clicked(world, { team: 'T0OTHER' }) }],
  },
  {
    name: 'a click of another member',
    why: `the click was U0MALLORY's, and nina is ${members.nina} at Slack`,
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
    name: 'a click where there is no way back',
    why: 'what has no way back is not approved by a click at Slack: approve it by key',
    guard: [edit('restoreTo === null || noReturn !== undefined', 'false')],
    place: { noReturn: 'a Durable Object is migrated' },
    forms: [{ name: "nina's own", send: (world) => clicked(world) }],
  },
  {
    name: 'a click where clicks only reject',
    why: 'a click at Slack only rejects here: approve it by key',
    guard: [edit("if (rule.slack === 'never')", 'if (false)')],
    place: { slack: 'never' },
    forms: [{ name: "nina's own", send: (world) => clicked(world) }],
  },
  {
    name: 'a click where a plan knows nothing of Slack',
    why: 'this was planned without approvals by Slack',
    guard: [edit('if (rule.slack === undefined)', 'if (false)')],
    place: { slack: undefined },
    forms: [{ name: "nina's own", send: (world) => clicked(world) }],
  },
];
