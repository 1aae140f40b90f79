import { expect, test } from 'vitest';
import type { Entry } from '../../../domain/contract/activities.ts';
import { redeploysPrevious } from '../../../domain/rollback/redeploys-previous.ts';

const [older, old, now, other] = ['1', 'a', 'b', 'c'].map((digit) => digit.repeat(40)) as [
  ...[string, string, string, string],
];
type Row = Pick<Entry, 'kind' | 'body'>;
const numbered = (rows: Row[]) => rows.map((row, at) => ({ ...row, seq: rows.length - at }));
const released = (sha: string, before: string | null): Row => ({
  kind: 'released',
  body: { sha, rollbackTarget: before === null ? null : { id: before.slice(0, 12), sha: before } },
});
const closed: Row = { kind: 'closed', body: { outcome: 'succeeded', sha: now } };
const history = [closed, released(now, old), closed, released(old, older)];

test.each<[string, string, (string | null)[], Row[], boolean]>([
  ['what was live before', old, [now], history, true],
  ['on every host', old, [now, now], history, true],
  ['one host has another release', old, [now, other], history, false],
  ['one host has nothing', old, [now, null], history, false],
  ['nothing is live', old, [], history, false],
  ['what is live itself', now, [now], [released(now, now)], false],
  ['what was live before that', older, [now], history, false],
  ['something new', other, [now], history, false],
  ['what is live was never released by a deploy', old, [other], history, false],
  ['the last release was taken back', older, [old], history, false],
  ['the release that is live was the first', old, [now], [released(now, null)], false],
  ['nothing was ever released', old, [now], [closed], false],
  ['what was live before the first deploy', older, [old], [closed, released(old, older)], true],
  [
    'what is newer than the live release',
    now,
    [old],
    [closed, released(old, now), ...history],
    false,
  ],
])('%s', (_, sha, live, entries, answer) => {
  const states = live.map((served) => ({ sha: served }));
  expect(redeploysPrevious({ sha, live: states, entries: numbered(entries) })).toBe(answer);
});
