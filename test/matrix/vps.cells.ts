import { overSsh } from './cells.ts';
import type { Fails, Matrix } from './cells.ts';

const legend = `A call is a command in a session over ssh. **dropped**: the session ends before the command ran, or after it.
**fails**: the command ends with 1, having done nothing, or everything. **slow**: it takes seconds. **lying exit**:
\`systemctl restart\` ends with 0 and restarted nothing; "–" where a command has no such program to believe.`;

const fails: Fails = {
  'dropped before': 'UnknownOutcome',
  'dropped after': 'UnknownOutcome',
  'fails before': 'Unavailable',
  'fails after': 'Unavailable',
  'lying exit': 'UnknownOutcome',
  'out of order': 'Unavailable',
};
const never = ['lying exit'];
const once = { 'vps stage': 1, 'vps switch': 1, 'vps restart': 1 };

export const vps: Matrix = {
  id: 'vps',
  alone: 'covering',
  platform: 'VPS',
  faults: { columns: overSsh, legend },
  rows: [
    {
      ...over('stage'),
      name: 'stage the release',
      during: 'stageRelease',
      never,
      adapter: { effects: { 'vps stage': 1 }, fails, serves: 'old' },
    },
    {
      ...over('switch'),
      name: 'switch to it',
      during: 'switchRelease',
      never,
      adapter: { effects: { 'vps switch': 1 }, fails, serves: 'old, though current is next' },
    },
    {
      ...over('restart'),
      name: 'restart',
      during: 'restartService',
      deployedIn: 'lying exit',
      adapter: { effects: { 'vps restart': 1 }, fails, serves: 'next' },
    },
    { ...back('switch'), name: 'switch back', never },
    { ...back('restart'), name: 'restart during the rollback' },
  ],
  effects: { forward: once, back: { ...once, 'vps switch': 2, 'vps restart': 2 } },
};

function over(step: string) {
  return { service: 'vps', call: `CELL ${step}`, status: `CELL ${step}` };
}

function back(step: string) {
  const adapter = { effects: { 'vps switch': 1, 'vps restart': 1 }, fails, serves: 'old' };
  return { ...over(step), during: 'rollBackHost', bad: true as const, adapter };
}
