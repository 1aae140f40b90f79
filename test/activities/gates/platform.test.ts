import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDiagnose } from '../../../activities/incident/diagnose.ts';
import { createPlatformGate } from '../../../activities/gates/platform.ts';
import type { PlatformDeps } from '../../../activities/gates/platform.ts';
import { createGit } from '../../../activities/git/git.ts';
import { openHost } from '../../../activities/platforms/vps/ssh/on-host.ts';
import type { Entry } from '../../../domain/contract/activities.ts';
import type { HostState, Plan } from '../../../domain/deploy/plan.ts';
import { noFetch, onVps } from '../../support/drivers.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';
import { hostWith } from '../platforms/vps/log/host.ts';

let git: Awaited<ReturnType<typeof hostAndGit>>;
let vps: Awaited<ReturnType<typeof hostWith>>;
let old: string, bad: string, next: string, reverted: string, mended: string, same: string;
const name = 'acme/shop';

beforeAll(async () => {
  git = await hostAndGit({ visibility: 'public' });
  vps = await hostWith(
    "console.error('<3>error: DATABASE_URL is not set'); setInterval(() => {}, 1e3)",
  );
  const made = await git.host.createRepository(name, [
    { files: { a: 'old\n' }, message: 'Old' },
    { files: { a: 'bad\n' }, message: 'Bad' },
    { files: { b: '1\n' }, message: 'Next' },
  ]);
  [old, bad, next] = made as [string, string, string];
  const commit = (files: Record<string, string>, message: string) =>
    git.host.commit(name, { files, message });
  same = await git.host.commit(name, {
    files: { a: 'bad\n', b: null },
    message: 'Same files as bad',
    branch: 'same',
  });
  reverted = await commit({ a: 'old\n' }, `Revert\n\nThis reverts commit ${bad}.\n`);
  mended = await commit({ c: '1\n' }, 'Mended');
  const releases = join(vps.handle.directory, 'releases');
  mkdirSync(join(releases, old));
  writeFileSync(join(releases, `${old}.ready`), '');
});
afterAll(() => Promise.all([git.close(), vps.close()]));

const live = (sha: string): HostState => ({
  host: 'web-1',
  sha,
  runningSha: sha,
  invocationId: 'i',
  active: true,
  healthy: true,
});
const quarantine = (body: Record<string, unknown>) =>
  ({ kind: 'quarantine', at: '2026-11-23T10:00:00.000Z', body }) as unknown as Entry;
const deps = (over: Partial<PlatformDeps> = {}): PlatformDeps => ({
  config: { sandbox: false },
  git: git.git,
  ledger: { quarantines: async () => [] },
  driverOf: onVps({ openHost, live: async () => [live(old)] }),
  fetch: noFetch,
  remoteEndpoints: [],
  ...over,
});
const planOf = (sha: string, over: Partial<Plan> = {}) =>
  planFor({
    sha,
    target: { ...vps.target, repository: git.host.url(name) },
    rollbackTarget: { id: 'x', sha: old },
    ...over,
  });
const check = (sha: string, over: Partial<PlatformDeps> = {}, plan: Partial<Plan> = {}) =>
  createPlatformGate(deps(over))({ plan: planOf(sha, plan) });

describe('the platform gate', () => {
  test('is open when the hosts answer, the rollback target exists and main could be reverted', async () => {
    const { gate, open, reasons } = await check(mended);
    expect({ gate, open, reasons }).toEqual({
      gate: 'platform',
      open: true,
      reasons: [
        `web-1 serves ${old.slice(0, 7)}`,
        `rollback target: ${old.slice(0, 7)} is on every host`,
      ],
    });
    expect(git.board.effects).toEqual([]);
  });

  test('is closed when the rollback target is not on the host', async () => {
    const { reasons } = await check(mended, {}, { rollbackTarget: { id: 'y', sha: next } });
    expect(reasons).toEqual([
      `web-1: the rollback target is gone: release ${next.slice(0, 7)} is not on the host. ` +
        'Stage that release there again, then deploy again.',
    ]);
  });

  test('is closed when this worker may not push to the branch it would revert', async () => {
    const reader = createGit({ workspace: `${git.workspace}-reader` });
    const { open, reasons } = await check(mended, { git: reader });
    expect(open).toBe(false);
    expect(reasons[0]).toMatch(
      /^a source could not be read: the right to revert main, because this worker may not push to it \(.*Authentication failed.*\)\. Give the token of the worker write access \(at GitHub: contents \(write\)\), or set "revert: off"\./,
    );
    expect((await check(mended, { git: reader }, { revert: 'off' })).open).toBe(true);
    expect((await check(mended, { git: reader }, { ownsBranch: false })).open).toBe(true);
  });

  test('is closed without room on a disk, or without flock', async () => {
    const seen = (state: Partial<HostState>) => ({
      driverOf: onVps({ openHost, live: async () => [{ ...live(old), ...state }] }),
    });
    const closed = async (state: Partial<HostState>, minimumFreeMb?: number) => {
      const { target } = planOf(mended);
      const least = minimumFreeMb === undefined ? {} : { minimumFreeMb };
      return (await check(mended, seen(state), { target: { ...target, ...least } })).reasons;
    };
    const full =
      'web-1 has 499 MB free, but a release needs 500 MB. Delete files on the host, then deploy ' +
      'again.';
    expect(await closed({ freeMb: 499, canLock: true })).toEqual([full]);
    expect(await closed({ freeMb: 499, canLock: true }, 499)).not.toContain(full);
    expect(await closed({ freeMb: null, canLock: false })).toEqual([
      'web-1: its free disk space could not be read. Check the host, then deploy again.',
      'web-1 has no flock, so two deploys could run there at once. Install util-linux on it.',
    ]);
  });

  test('throws what a host did not answer', async () => {
    const lost = { ...vps.host, port: 1 };
    const target = { ...planOf(mended).target, hosts: [lost] };
    await expect(check(mended, {}, { target })).rejects.toMatchObject({ type: 'Unavailable' });
  });
});

describe('files that the commit only names', () => {
  const pointer =
    'version https://git-lfs.github.com/spec/v1\n' + `oid sha256:${'2'.repeat(64)}\nsize 1048576\n`;
  const lfs = '*.bin filter=lfs diff=lfs merge=lfs -text\n';

  test('close the gate while a host has no git-lfs', async () => {
    const files = { '.gitattributes': lfs, 'model.bin': pointer };
    const sha = await git.host.commit(name, { files, message: 'A model', branch: 'lfs' });
    const hosts = (answer: string) => ({
      driverOf: onVps({
        openHost: async (...asked) => {
          const session = await openHost(...asked);
          const run: typeof session.run = (command) =>
            command.step === 'tools'
              ? session.run({ ...command, script: `echo lfs=${answer}` })
              : session.run(command);
          return { ...session, run, close: () => session.close() };
        },
        live: async () => [live(old)],
      }),
    });
    expect(await check(sha, hosts('no'))).toMatchObject({
      open: false,
      reasons: [
        `${vps.host.name}: the commit has files in Git LFS (model.bin), and this host has no ` +
          'git-lfs, so pointers would go live in place of the files. Install it on the host, then ' +
          'deploy again: sudo apt-get install git-lfs',
      ],
    });
    expect((await check(sha, hosts('yes'))).open).toBe(true);
    expect((await check(sha, hosts('no'), { paths: ['a'] })).open).toBe(true);
    await expect(check(sha, hosts('maybe'))).rejects.toMatchObject({ type: 'Unavailable' });
  });

  test('are asked for with the address of each submodule, and only public ones are public', async () => {
    const files = {
      '.gitmodules': '[submodule "t"]\n\tpath = theme\n\turl = https://git.example.com/t.git\n',
    };
    const base = await git.host.commit(name, { files, message: 'A theme', branch: 'theme' });
    const tree = await git.host.repositories.git(name, ['ls-tree', base]);
    const link = `160000 commit ${'c'.repeat(40)}\ttheme`;
    const made = await mktree(`${tree.trim()}\n${link}\n`);
    const sha = await git.host.repositories.git(name, [
      ...['-c', 'user.name=Sam', '-c', 'user.email=sam@example.test'],
      ...['commit-tree', made, '-p', base, '-m', 'A submodule'],
    ]);
    await git.host.repositories.git(name, ['update-ref', 'refs/heads/theme', sha]);
    const asked: string[] = [];
    const answers = async (status: number) => {
      const seen: unknown[] = [];
      await check(sha, {
        fetch: async (url) => {
          asked.push(url);
          return { answered: true, status, body: '', truncated: false, url };
        },
        driverOf: onVps({
          openHost,
          live: async () => [live(old)],
          leavesOut: async (_, { submodules }, isPublic) => {
            seen.push(submodules, await isPublic('https://git.example.com/t.git'));
            return ['a reason'];
          },
        }),
      }).then(({ open, reasons }) => seen.push(open, reasons));
      return seen;
    };
    const submodules = [{ path: 'theme', url: 'https://git.example.com/t.git' }];
    expect(await answers(200)).toEqual([submodules, true, false, ['a reason']]);
    expect(await answers(401)).toEqual([submodules, false, false, ['a reason']]);
    expect(asked[0]).toBe('https://git.example.com/t.git/info/refs?service=git-upload-pack');
  });

  const mktree = async (text: string) => {
    const { stdout } = await execa('git', ['mktree', '--missing'], {
      cwd: git.host.repositories.path(name),
      input: text,
    });
    return stdout.trim();
  };
});

describe('the paths of a project', () => {
  test('close the gate where neither the release nor the rollback target has them', async () => {
    expect((await check(mended, {}, { paths: ['c', 'a'] })).open).toBe(true);
    expect((await check(mended, {}, { paths: ['c', 'sohp'] })).reasons).toEqual([
      `a source could not be read: the project's files, because ${mended.slice(0, 7)} has no sohp. Correct ` +
        '"paths" in plimsoll.yaml. There is no data, so the gate stays closed.',
    ]);
  });
});

describe('a quarantine', () => {
  const held = (body: Record<string, unknown>) => ({
    ledger: { quarantines: async () => [quarantine({ why: 'it lost carts', ...body })] },
  });
  const reasonFor = async (sha: string, body: Record<string, unknown>, plan: Partial<Plan> = {}) =>
    (await check(sha, held(body), plan)).reasons[0];

  test('covers its commit, its descendants and equal trees', async () => {
    expect(await reasonFor(bad, { sha: bad })).toMatch(
      /is quarantined since 2026-11-23.*lost carts\./,
    );
    expect(await reasonFor(next, { sha: bad })).toContain(
      `it lost carts (it contains ${bad.slice(0, 7)}, which was not reverted)`,
    );
    expect(await reasonFor(same, { sha: bad })).toContain('it lost carts (the same files as');
  });

  test('ends with the revert', async () => {
    expect((await check(reverted, held({ sha: bad }))).open).toBe(true);
    expect((await check(mended, held({ sha: bad }))).open).toBe(true);
  });

  test('covers only the release id where the commit itself is the rollback target', async () => {
    const release = { id: `${mended.slice(0, 12)}-0a1b2c3d`, sha: old };
    expect((await check(mended, held({ release: { ...release, id: 'x' } }))).open).toBe(true);
    expect(await reasonFor(mended, { release })).toContain('is quarantined');
  });

  test('names the command that lifts it', async () => {
    expect(await reasonFor(bad, { sha: bad })).toMatch(
      new RegExp(
        'it lost carts\\. Deploy a commit that reverts this release, or let an approver lift the ' +
          `quarantine: plimsoll lift shop production ${bad.slice(0, 12)} --reason "why it is ` +
          'safe"$',
      ),
    );
  });

  test('of a commit that is gone from the repository covers nothing else', async () => {
    expect((await check(mended, held({ sha: 'e'.repeat(40) }))).open).toBe(true);
  });
});

describe('a diagnosis', () => {
  const cause = { kind: 'start-up', blames: 'release', detail: 'it exited' } as const;

  test('reads the last lines of every host', async () => {
    await vps.run('systemctl start "$1"; sleep 1', 'shop');
    const { diagnose } = createDiagnose({ driverOf: onVps({ openHost }) });
    expect(await diagnose({ plan: planOf(mended), cause })).toEqual({
      cause: 'missing secret',
      evidence: ['error: DATABASE_URL is not set'],
    });
  });

  test('of hosts that do not answer says so instead of failing', async () => {
    const dark = createDiagnose({
      driverOf: onVps({
        openHost: async () => {
          throw new Error('connection refused');
        },
      }),
    });
    const { cause: found, evidence } = await dark.diagnose({ plan: planOf(mended), cause });
    expect(found).toBe('unknown');
    expect(evidence).toContain('web-1: its log could not be read: connection refused');
  });
});
