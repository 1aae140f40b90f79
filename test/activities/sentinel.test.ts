import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSentinel } from '../../activities/sentinel.ts';
import type { Activities, Entry, EntryKind } from '../../domain/activities.ts';
import { judgeServed } from '../../domain/policy/sentinel.ts';
import { hostState } from '../support/plan.ts';
import { configOf } from '../support/planning.ts';
import { hostAndGit } from './git/host.ts';

const name = 'acme/shop';
const place = { project: 'shop', environment: 'production' };
let at: Awaited<ReturnType<typeof hostAndGit>>;
let first: string;
let second: string;
let reverted: string;
beforeAll(async () => {
  at = await hostAndGit({ visibility: 'private' });
  const one = { files: { 'a.txt': 'one\n', 'docs/b.txt': 'b\n' }, message: 'First' };
  const two = { files: { 'a.txt': 'two\n', 'docs/b.txt': 'b\n' }, message: 'Second' };
  [first = '', second = ''] = await at.host.createRepository(name, [one, two]);
  const back = { files: { 'a.txt': 'one\n' }, message: 'Revert \u001b[31mit' };
  reverted = await at.host.commit(name, { ...back, branch: 'main' });
});
afterAll(() => at.close());

const row = (seq: number, kind: EntryKind, sha: string, deployId = `d-${seq}`): Entry => ({
  ...{ seq, at: '2026-01-01T00:00:00Z', kind, key: `${seq}`, deployId, ...place, hash: '' },
  body: { outcome: 'succeeded', sha, release: { id: 'r', sha }, hosts: [] },
});

type Change = { rows?: Entry[][]; paths?: string[]; inspect?: Activities['inspectHosts'] };

/** `rows` as they are found by the first and by the second reading. */
function lookAt(served: string, change: Change = {}) {
  const { rows = [[row(1, 'closed', first)]], paths, inspect } = change;
  const config = configOf();
  const project = { ...config.projects['shop']!, repository: at.host.url(name) };
  const projects = { shop: { ...project, ...(paths ? { paths } : {}) } };
  let reads = 0;
  const { lookAtServed } = createSentinel({
    config: () => ({ ...config, projects }),
    ledger: { read: async () => rows[Math.min((reads += 1), rows.length) - 1] ?? [] },
    git: at.git,
    lastSentinel: undefined,
    inspectHosts:
      inspect ??
      (async ({ target }) =>
        target.platform === 'vps' ? target.hosts.map((host) => hostState(host.name, served)) : []),
  });
  return lookAtServed(place);
}

test('a commit with other files is told with its author and committer, on one line', async () => {
  const look = await lookAt(second);
  expect(judgeServed(look).verdict).toBe('other');
  expect(look.commits[second]).toMatchObject({
    title: 'Second',
    author: expect.stringMatching(/^.+ <\S+@\S+>$/) as string,
    committer: expect.stringMatching(/^.+ <\S+@\S+>$/) as string,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
  });
  const { commits } = await lookAt(reverted, { rows: [[row(1, 'closed', second)]] });
  expect(commits[reverted]?.title).toBe('Revert \uFFFD[31mit');
});

test('a revert serves the files that were shipped', async () => {
  expect(judgeServed(await lookAt(reverted)).verdict).toBe('same');
});

test('of a project that has only paths of the repository, only these are compared', async () => {
  expect(judgeServed(await lookAt(second, { paths: ['docs'] })).verdict).toBe('same');
  expect(judgeServed(await lookAt(second, { paths: ['a.txt'] })).verdict).toBe('other');
});

test('git is not asked where exactly what was shipped is served', async () => {
  expect((await lookAt(first)).commits).toEqual({});
});

test('a commit that was never pushed is a fact; a git host that is away is none', async () => {
  const unknown = 'f'.repeat(40);
  const look = await lookAt(unknown);
  expect(look.commits[unknown]).toBeNull();
  expect(judgeServed(look).verdict).toBe('other');
  at.board.arm({ service: 'git', match: '', kind: 'drop-before', times: 10 });
  await expect(lookAt('e'.repeat(40))).rejects.toMatchObject({ type: 'Unavailable' });
  at.board.clear();
});

test('a deploy that began or ended during the look is no alarm', async () => {
  const rows = [row(1, 'closed', first)];
  const begun = [row(2, 'released', second, 'd-2'), ...rows];
  const during = await lookAt(second, { rows: [rows, begun] });
  expect(judgeServed(during)).toEqual({ verdict: 'busy', why: 'd-2 is under way' });
  const ended = [row(3, 'closed', second, 'd-2'), ...begun];
  const before = await lookAt(first, { rows: [begun, ended] });
  expect(judgeServed(before)).toEqual({
    verdict: 'busy',
    why: 'a deploy began or ended meanwhile',
  });
});

test('a host that does not answer is told, and hides nothing of the others', async () => {
  const inspect: Activities['inspectHosts'] = async () =>
    Promise.reject(new Error('no route to it'));
  const look = await lookAt(first, { inspect });
  expect(look.live).toEqual([]);
  expect(look.silent.map(({ why }) => why)).toContain('no route to it');
  expect(judgeServed(look).verdict).toBe('unknown');
});

test('a worker that cannot ask its server says so', async () => {
  const { recallSentinel } = createSentinel({
    ...{ config: configOf, ledger: { read: async () => [] }, git: at.git },
    ...{ inspectHosts: async () => [], lastSentinel: undefined },
  });
  await expect(recallSentinel({ runId: 'run-1' })).rejects.toMatchObject({
    type: 'Misconfigured',
    message:
      'This worker cannot ask its Temporal server, so it does not know whom it called already.\n' +
      'Start it with: npx --no plimsoll worker',
  });
});

test('what was adopted by its path is what was shipped', async () => {
  const adopted = row(1, 'adopted', first);
  const inspect: Activities['inspectHosts'] = async ({ target }) =>
    target.platform === 'vps'
      ? target.hosts.map(({ name: host }) => ({
          ...hostState(host, ''),
          ...{ sha: null, runningSha: null, foreign: { path: '/srv/old', sha: null } },
        }))
      : [];
  const hosts = (await lookAt(first, { inspect })).live.map(({ host }) => ({
    host,
    path: '/srv/old',
  }));
  const rows = [[{ ...adopted, body: { ...adopted.body, hosts } }]];
  expect(judgeServed(await lookAt(first, { inspect, rows })).verdict).toBe('same');
  const moved = hosts.map(({ host }) => ({ host, path: '/srv/other' }));
  const others = [[{ ...adopted, body: { ...adopted.body, hosts: moved } }]];
  expect(judgeServed(await lookAt(first, { inspect, rows: others })).verdict).toBe('other');
});
