import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAtBranch } from '../../../activities/git/branch.ts';
import { saidBy } from '../../permissions/rows.ts';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let shas: string[];
beforeAll(async () => {
  at = await hostAndGit();
  shas = await at.host.createRepository('acme/shop', [
    { files: { 'a.txt': 'one' }, message: 'One' },
    { files: { 'a.txt': 'two' }, message: 'Two' },
    { files: { 'a.txt': 'three' }, message: 'Three', branch: 'next' },
  ]);
});
afterAll(() => at.close());

// A test lists the directories in TMPDIR. It uses a separate directory, because other tests read
// branches at the same time.
const temporary = mkdtempSync(join(tmpdir(), 'plimsoll-own-tmp-'));
vi.stubEnv('TMPDIR', temporary);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

const look = (branch: string, token = 'secret-token') => {
  const repository = at.host.url('acme/shop');
  return createAtBranch(() => token)({ repository, branch }, async (git, sha) => [
    sha,
    await git.readFile(repository, sha, 'a.txt'),
    await git.readFile(repository, sha, 'b.txt'),
  ]);
};
const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('plimsoll-branch-'));

test('reads the newest commit of the branch, and leaves nothing behind', async () => {
  expect(await look('main')).toEqual([shas[1], 'two', null]);
  expect(await look('next')).toEqual([shas[2], 'three', null]);
  expect(left()).toEqual([]);
});

test('says that the branch is missing, or that the token is refused', async () => {
  expect(await saidBy(look('nowhere'))).toContain("couldn't find remote ref refs/heads/nowhere");
  expect(await saidBy(look('main', 'wrong'))).toMatch(/token|access|denied/i);
});
