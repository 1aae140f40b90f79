import { expect, test } from 'vitest';
import { before, ownsBranch, type Chain } from '../../../domain/incident/owns-branch.ts';

/**
 * Returns a chain of environments, in the order of the lines. Each line is one environment: "NAME",
 * or "NAME < NAME_OF_THE_PREVIOUS_ENVIRONMENT".
 */
const chainOf = (...lines: string[]): Chain =>
  Object.fromEntries(
    lines.map((line) => line.split(' < ')).map(([name, after]) => [name, after ? { after } : {}]),
  );

test.each<[string, string[], string[]]>([
  ['production alone', ['production'], ['production']],
  [
    'a chain ends in production',
    ['staging', 'testing < staging', 'production < testing'],
    ['production'],
  ],
  ['the order of the file means nothing', ['production < staging', 'staging'], ['production']],
  ['production without a chain', ['production', 'staging', 'eu'], ['production']],
  [
    'two productions that wait for the same',
    ['staging', 'prod-eu < staging', 'prod-us < staging'],
    ['prod-eu', 'prod-us'],
  ],
  [
    'two productions one after the other',
    ['staging', 'prod-eu < staging', 'prod-us < prod-eu'],
    ['prod-us'],
  ],
  [
    'with something between the two',
    ['prod-us < eu', 'eu < prod-eu', 'prod-eu < staging', 'staging'],
    ['prod-us'],
  ],
  ['something after production', ['production', 'showroom < production'], ['production']],
  ['no production: the end of the chain', ['eu < qa', 'qa < staging', 'staging', 'lab'], ['eu']],
  ['neither production nor chain: the last', ['eu', 'us'], ['us']],
  ['staging alone, automatic', ['staging'], []],
  ['automatic ones in a chain', ['staging', 'testing < staging'], []],
  ['an automatic one listed last', ['eu', 'staging'], ['eu']],
])('%s', (_, lines, owners) => {
  const chain = chainOf(...lines);
  expect(Object.keys(chain).filter((name) => ownsBranch(name, chain))).toEqual(owners);
});

test('what comes before ends in a ring, and where a name is only inherited', () => {
  expect(before('a', chainOf('a < b', 'b < c', 'c < b'))).toEqual(['b', 'c']);
  expect(before('a', chainOf('a < a'))).toEqual(['a']);
  expect(before('a', chainOf('a < constructor'))).toEqual(['constructor']);
});
