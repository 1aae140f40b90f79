import { expect, test } from 'vitest';
import { chooseBuild } from '../../../../domain/platforms/northflank/choose-build.ts';

const build = (id: string, how: 'runs' | 'succeeded' | 'failed') => ({
  id,
  concluded: how !== 'runs',
  success: how === 'succeeded',
});
const [runs, done, failed] = [build('3', 'runs'), build('2', 'succeeded'), build('1', 'failed')];
const first = { known: ['1', '2'], again: false };
const again = { known: ['1', '2'], again: true };

test.each([
  ['the newest that may yet succeed', [runs, done, failed], first, '3'],
  ['one from before that succeeded', [done, failed], first, '2'],
  [
    'one that succeeded rather than one that failed since',
    [build('4', 'failed'), done],
    first,
    '2',
  ],
  ['one that failed since', [build('4', 'failed'), failed], first, '4'],
  ['none: the one that failed did so before', [failed], first, undefined],
  ['none: there is none', [], first, undefined],
  ['only a new one where the commit is live', [runs, done, failed], again, '3'],
  ['none of those from before where the commit is live', [done, failed], again, undefined],
])('%s', (_, builds, before, id) => {
  expect(chooseBuild(builds, before)?.id).toBe(id);
});
