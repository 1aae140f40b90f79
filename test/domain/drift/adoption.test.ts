import { expect, test } from 'vitest';
import type { HostState } from '../../../domain/deploy/plan.ts';
import { adoptable, recognize } from '../../../domain/drift/adoption.ts';
import { hostState, newSha, oldSha } from '../../support/plan.ts';

const path = '/srv/shop-v42';
const at = (host: string, change: Partial<HostState> = {}): HostState => ({
  ...hostState(host, oldSha),
  ...change,
});
const foreign = (host: string, sha: string | null = oldSha) =>
  at(host, { sha: null, runningSha: null, foreign: { path, sha } });

test.each<[string, HostState[], string | null, object]>([
  ['a release of ours', [at('one'), at('two')], null, { sha: oldSha }],
  ['a foreign checkout', [foreign('one'), at('two')], null, { sha: oldSha }],
  ['a foreign directory whose commit is named', [foreign('one', null)], newSha, { sha: newSha }],
  ['no host', [], null, { impossible: 'nothing is live on any host' }],
  [
    'nothing',
    [at('one'), at('two', { sha: null, runningSha: null })],
    oldSha,
    { impossible: 'nothing is live on two' },
  ],
  [
    'what is sick',
    [at('one', { healthy: false })],
    null,
    { impossible: 'the release on one is not healthy, and a rollback target must be healthy' },
  ],
  [
    'what cannot be seen',
    [foreign('one', null)],
    null,
    { impossible: 'the commit on one is not known' },
  ],
  [
    'two commits',
    [at('one'), at('two', { sha: newSha })],
    null,
    { impossible: 'the hosts serve different commits (one: aaaaaaa, two: bbbbbbb)' },
  ],
  [
    'another commit than was named',
    [at('one')],
    newSha,
    { impossible: 'aaaaaaa is live, not bbbbbbb' },
  ],
])('adopting %s', (_, live, named, expected) => {
  expect(adoptable(live, named)).toEqual(expected);
});

test('an adopted place is recognized while it is what is live there', () => {
  const adopted = { sha: oldSha, hosts: [{ host: 'one', path }] };
  const shas = (states: HostState[], known: typeof adopted | null = adopted) =>
    recognize(states, known).map(({ sha }) => sha);
  expect(shas([foreign('one'), foreign('one', null)])).toEqual([oldSha, oldSha]);
  expect(shas([foreign('two'), foreign('one', newSha)])).toEqual([null, null]);
  expect(shas([at('one', { sha: null, foreign: { path: '/elsewhere', sha: null } })])).toEqual([
    null,
  ]);
  expect(shas([foreign('one')], null)).toEqual([null]);
  expect(shas([at('one', { sha: newSha })])).toEqual([newSha]);
});
