import { overSsh } from './cells.ts';
import type { Matrix } from './cells.ts';

const legend = `A call is a command in a session over ssh. **dropped**: the session ends before the command ran, or after it.
**fails**: the command ends with 1, having done nothing, or everything. **slow**: it takes seconds. **lying exit**:
\`systemctl restart\` ends with 0 and restarted nothing; "–" where a command has no such program to believe.`;

const never = ['lying exit'];
const once = { 'vps stage': 1, 'vps switch': 1, 'vps restart': 1 };

export const vps: Matrix = {
  platform: 'VPS',
  test: 'test/matrix/vps.test.ts',
  faults: { columns: overSsh, legend },
  rows: [
    { ...over('stage'), name: 'stage the release', during: 'stageRelease', never },
    { ...over('switch'), name: 'switch to it', during: 'switchRelease', never },
    { ...over('restart'), name: 'restart', during: 'restartService' },
    { ...over('switch'), name: 'switch back', during: 'restoreHost', bad: true, never },
    { ...over('restart'), name: 'restart on the way back', during: 'restoreHost', bad: true },
  ],
  effects: { forward: once, back: { ...once, 'vps switch': 2, 'vps restart': 2 } },
};

function over(step: string) {
  return { service: 'vps', call: `CELL ${step}`, status: `CELL ${step}` };
}
