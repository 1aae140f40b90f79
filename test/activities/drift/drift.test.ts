import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDrift } from '../../../activities/drift/drift.ts';
import type { PlainActivities, Entry, EntryKind } from '../../../domain/contract/activities.ts';
import { judgeServed } from '../../../domain/drift/drift.ts';
import { hostState } from '../../support/plan.ts';
import { configOf } from '../../support/planning.ts';
import { hostAndGit } from '../git/host.ts';

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

type Change = { rows?: Entry[][]; paths?: string[]; inspect?: PlainActivities['inspectHosts'] };

/**
 * Reads the served commits. `rows` contains the ledger entries of the first and the second read.
 */
function snapshotOf(served: string, change: Change = {}) {
  const { rows = [[row(1, 'closed', first)]], paths, inspect } = change;
  const config = configOf();
  const project = { ...config.projects['shop']!, repository: at.host.url(name) };
  const projects = { shop: { ...project, ...(paths ? { paths } : {}) } };
  let reads = 0;
  const { readServed } = createDrift({
    config: () => ({ ...config, projects }),
    ledger: { read: async () => rows[Math.min((reads += 1), rows.length) - 1] ?? [] },
    git: at.git,
    lastDriftReport: undefined,
    inspectHosts:
      inspect ??
      (async ({ target }) =>
        target.platform === 'vps' ? target.hosts.map((host) => hostState(host.name, served)) : []),
  });
  return readServed(place);
}

test('a commit with other files is reported with its author and committer, on one line', async () => {
  const snapshot = await snapshotOf(second);
  expect(judgeServed(snapshot).verdict).toBe('other');
  expect(snapshot.commits[second]).toMatchObject({
    title: 'Second',
    author: expect.stringMatching(/^.+ <\S+@\S+>$/) as string,
    committer: expect.stringMatching(/^.+ <\S+@\S+>$/) as string,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
  });
  const { commits } = await snapshotOf(reverted, { rows: [[row(1, 'closed', second)]] });
  expect(commits[reverted]?.title).toBe(String.raw`Revert \u001B[31mit`);
});

test('a revert serves the files that were deployed', async () => {
  expect(judgeServed(await snapshotOf(reverted)).verdict).toBe('same');
});

test('of a project that has only paths of the repository, only these are compared', async () => {
  expect(judgeServed(await snapshotOf(second, { paths: ['docs'] })).verdict).toBe('same');
  expect(judgeServed(await snapshotOf(second, { paths: ['a.txt'] })).verdict).toBe('other');
});

test('git is not asked if exactly the deployed release is served', async () => {
  expect((await snapshotOf(first)).commits).toEqual({});
});

test('a commit that was never pushed is a finding; an unreachable git host is none', async () => {
  const unknown = 'f'.repeat(40);
  const snapshot = await snapshotOf(unknown);
  expect(snapshot.commits[unknown]).toBeNull();
  expect(judgeServed(snapshot).verdict).toBe('other');
  at.board.arm({ service: 'git', match: '', kind: 'drop-before', times: 10 });
  await expect(snapshotOf('e'.repeat(40))).rejects.toMatchObject({ type: 'Unavailable' });
  at.board.clear();
});

test('a deploy that began or ended during the check is no alarm', async () => {
  const rows = [row(1, 'closed', first)];
  const begun = [row(2, 'released', second, 'd-2'), ...rows];
  const during = await snapshotOf(second, { rows: [rows, begun] });
  expect(judgeServed(during)).toEqual({ verdict: 'busy', why: 'the deploy d-2 has not ended' });
  const ended = [row(3, 'closed', second, 'd-2'), ...begun];
  const before = await snapshotOf(first, { rows: [begun, ended] });
  expect(judgeServed(before)).toEqual({
    verdict: 'busy',
    why: 'a deploy began or ended during the check',
  });
});

test('a host that does not answer is reported, and does not hide the others', async () => {
  const inspect: PlainActivities['inspectHosts'] = async () =>
    Promise.reject(new Error('no route to it'));
  const snapshot = await snapshotOf(first, { inspect });
  expect(snapshot.live).toEqual([]);
  expect(snapshot.silent.map(({ why }) => why)).toContain('no route to it');
  expect(judgeServed(snapshot).verdict).toBe('unknown');
});

test('a worker that cannot ask its server says so', async () => {
  const { readLastDriftReport } = createDrift({
    ...{ config: configOf, ledger: { read: async () => [] }, git: at.git },
    ...{ inspectHosts: async () => [], lastDriftReport: undefined },
  });
  await expect(readLastDriftReport({ runId: 'run-1' })).rejects.toMatchObject({
    type: 'Misconfigured',
    message:
      'This worker cannot ask its Temporal server, so it does not know which findings were already ' +
      'paged.\nStart the worker with: plimsoll worker',
  });
});

test('a release that was adopted by its path counts as deployed', async () => {
  const adopted = row(1, 'adopted', first);
  const inspect: PlainActivities['inspectHosts'] = async ({ target }) =>
    target.platform === 'vps'
      ? target.hosts.map(({ name: host }) => ({
          ...hostState(host, ''),
          ...{ sha: null, runningSha: null, foreign: { path: '/srv/old', sha: null } },
        }))
      : [];
  const hosts = (await snapshotOf(first, { inspect })).live.map(({ host }) => ({
    host,
    path: '/srv/old',
  }));
  const rows = [[{ ...adopted, body: { ...adopted.body, hosts } }]];
  expect(judgeServed(await snapshotOf(first, { inspect, rows })).verdict).toBe('same');
  const moved = hosts.map(({ host }) => ({ host, path: '/srv/other' }));
  const others = [[{ ...adopted, body: { ...adopted.body, hosts: moved } }]];
  expect(judgeServed(await snapshotOf(first, { inspect, rows: others })).verdict).toBe('other');
});
