import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quarantineOf } from '../../../activities/gates/quarantine.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { createRevert } from '../../../activities/incident/revert.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { quarantineBody } from '../../../domain/incident/incident.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
const name = 'acme/both';
const shas: Record<string, string> = {};

const commit = async (label: string, files: Record<string, string | null>, more: object = {}) => {
  shas[label] = await at.host.commit(name, { files, message: label, ...more });
};
const onto = async (label: string, branch: string) => {
  await at.host.repositories.git(name, ['branch', branch, shas[label]!]);
  return { branch };
};

/**
 * The commits on main: good ─ bad ─ next ─ revert ─ mended. Other branches contain equal trees,
 * reverts by hand, and commits of another project.
 */
beforeAll(async () => {
  at = await hostAndGit();
  const [good] = await at.host.createRepository(name, [
    { files: { 'shop/a': 'good\n', 'blog/a': '1\n' }, message: 'good' },
  ]);
  shas.good = good!;
  await commit('bad', { 'shop/a': 'bad\n' });
  await commit('same', { 'shop/a': 'bad\n' }, await onto('good', 'same'));
  await commit('same shop', { 'shop/a': 'bad\n', 'blog/a': '9\n' }, await onto('good', 'shop'));
  await commit('next', { 'shop/b': '1\n' });
  const byHand = {
    message: `Revert\n\nThis reverts commit ${shas.bad}.`,
    ...(await onto('next', 'h')),
  };
  await commit('by hand', { 'shop/a': 'good\n' }, byHand);
  const again = { message: `Reapply\n\nThis reverts commit ${shas['by hand']}.`, branch: 'h' };
  await commit('reapplied', { 'shop/a': 'bad\n' }, again);
  await commit('undone without a word', { 'shop/a': 'good\n' }, await onto('next', 'silent'));
  const { sha } = await createRevert({ git: at.git, github: null }).revertMain({
    plan: planOf(shas.bad!, { paths: ['shop'] }),
    rolledBackTo: { id: 'x', sha: shas.good },
    cause: { kind: 'watch', blames: 'release', detail: 'it lost carts' },
  });
  shas.revert = sha!;
  await commit('mended', { 'shop/c': '1\n' });
});
afterAll(() => at.close());

const planOf = (sha: string, over: Partial<Plan> = {}) =>
  planFor({ sha, repository: at.host.url(name), ...over });

type Kept = { plan: Plan; rolledBackTo: string | null; lifted?: string };
const ledgerWith = async ({ plan, rolledBackTo, lifted }: Kept): Promise<Ledger> => {
  const ledger = await openLedger({ path: ':memory:' });
  const { deployId, project, environment } = plan;
  const release = rolledBackTo === null ? null : { id: 'x', sha: rolledBackTo };
  const place = { deployId, project, environment };
  const incident = { incident: 'i', rolledBackTo: release };
  await ledger.append({ kind: 'incident', key: 'i', ...place, body: incident });
  const body = quarantineBody(plan, release, 'it lost carts');
  await ledger.append({ kind: 'quarantine', key: 'q', ...place, body });
  if (lifted) await ledger.append({ kind: 'lifted', key: 'l', ...place, body: { sha: lifted } });
  return ledger;
};
const verdict = async (label: string, over: Partial<Plan> = {}, kept: Partial<Kept> = {}) => {
  const plan = planOf(shas.bad!);
  const ledger = await ledgerWith({ plan, rolledBackTo: shas.good!, ...kept });
  const found = await quarantineOf({ git: at.git, ledger }, planOf(shas[label]!, over));
  await ledger.close();
  return found;
};

describe('the quarantine of a bad release', () => {
  const contains = () =>
    `it lost carts (it contains ${shas.bad!.slice(0, 7)}, which was not reverted)`;
  const same = () => `it lost carts (the same files as ${shas.bad!.slice(0, 7)})`;
  const rows: [string, Partial<Plan>, () => string | undefined][] = [
    ['bad', {}, () => 'it lost carts'],
    ['good', {}, () => undefined],
    ['same', {}, same],
    ['same shop', {}, () => undefined],
    ['same shop', { paths: ['shop'] }, same],
    ['same shop', { paths: ['blog'] }, () => undefined],
    ['same shop', { paths: ['gone'] }, () => undefined],
    ['next', {}, contains],
    ['next', { rollbackTarget: { id: 'y', sha: 'bad' } }, contains],
    ['by hand', {}, () => undefined],
    ['reapplied', {}, contains],
    ['undone without a word', {}, contains],
    ['revert', {}, () => undefined],
    ['mended', {}, () => undefined],
  ];
  test.each(rows)('and %s, with %j', async (label, over, why) => {
    const rollbackTarget = over.rollbackTarget && { id: 'y', sha: shas.bad! };
    const found = await verdict(label, { ...over, ...(rollbackTarget ? { rollbackTarget } : {}) });
    expect(found?.why).toBe(why());
  });

  test('names the command that lifts it, with the commit and place of the quarantine', async () => {
    expect((await verdict('next', { environment: 'staging' }))?.lift).toBe(
      `plimsoll lift shop production ${shas.bad!.slice(0, 12)} --reason "why it is safe"`,
    );
  });

  test('ends for all of them when its commit is lifted, and only then', async () => {
    for (const label of ['bad', 'same', 'next'])
      expect(await verdict(label, {}, { lifted: shas.bad! })).toBeNull();
    expect(await verdict('bad', {}, { lifted: shas.next! })).not.toBeNull();
  });

  test('ends with the trailer of our revert, though it names no commit of the range', async () => {
    const post = await at.host.commit(name, {
      files: { 'blog/a': '5\n' },
      message: 'Post',
      ...(await onto('next', 'post')),
    });
    const back = await at.host.commit(name, {
      files: { 'shop/a': 'good\n' },
      message: 'Back\n\nPlimsoll-Deploy: deploy-1',
      branch: 'post',
    });
    shas.back = back;
    const kept = { plan: planOf(post) };
    expect(await verdict('back', { paths: ['shop'] }, kept)).toBeNull();
    const other = { plan: planOf(post, { deployId: 'deploy-9' }) };
    expect(await verdict('back', { paths: ['shop'] }, other)).not.toBeNull();
  });
});

test('after a failed first deploy a fix may be built upon it', async () => {
  const first = { plan: planOf(shas.bad!), rolledBackTo: null };
  expect((await verdict('bad', {}, first))?.why).toBe('it lost carts');
  expect((await verdict('same', {}, first))?.why).toContain('the same files as');
  expect(await verdict('next', {}, first)).toBeNull();
});

describe('where the deployed commit is the rollback target', () => {
  const same = (release: string) => ({ release: { id: release, sha: shas.bad! } });
  const kept = () => ({ plan: planOf(shas.bad!, same('b-new-settings')), rolledBackTo: shas.bad! });

  test('the release id alone is quarantined', async () => {
    expect((await verdict('bad', same('b-new-settings'), kept()))?.why).toBe('it lost carts');
    expect(await verdict('bad', same('b-old-settings'), kept())).toBeNull();
    for (const label of ['same', 'next', 'mended'])
      expect(await verdict(label, {}, kept())).toBeNull();
  });

  test('and in older entries, which named the commit, too', async () => {
    const ledger = await ledgerWith({ plan: planOf(shas.bad!), rolledBackTo: shas.bad! });
    const body = { sha: shas.bad!, release: { id: 'b-new', sha: shas.bad! }, why: 'it lost carts' };
    const place = { deployId: 'deploy-1', project: 'shop', environment: 'production' };
    await ledger.append({ kind: 'quarantine', key: 'old', ...place, body });
    expect(await quarantineOf({ git: at.git, ledger }, planOf(shas.next!))).toBeNull();
    const again = planOf(shas.bad!, { release: { id: 'b-new', sha: shas.bad! } });
    expect((await quarantineOf({ git: at.git, ledger }, again))?.lift).toContain(
      `lift shop production ${shas.bad!.slice(0, 12)}`,
    );
    await ledger.close();
  });

  test('its lift names the commit', async () => {
    expect(
      await verdict('bad', same('b-new-settings'), { ...kept(), lifted: shas.bad! }),
    ).toBeNull();
  });
});
