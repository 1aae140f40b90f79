import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPractice } from '../../../sandbox/practice/open.ts';
import type { Practice } from '../../../sandbox/practice/open.ts';
import { environmentText, pageText } from '../../../sandbox/practice/page.ts';
import { writeTree } from '../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../sandbox/samples/samples.ts';

const root = mkdtempSync(join(tmpdir(), 'plimsoll-practice-test-'));
const home = join(root, 'home');
const clone = join(root, 'clone');
const said: string[] = [];
let practice: Practice;
const open = (changes: { name?: string; home?: string } = {}) =>
  openPractice({
    name: 'shop',
    directory: mkdtempSync(join(root, 'it-')),
    home,
    tell: (line) => said.push(line),
    ...changes,
  });
/**
 * Runs a command without blocking this process, because the stand-ins for the hosts run in this
 * process.
 */
const run = async (command: string, ...args: string[]) =>
  (await promisify(execFile)(command, args)).stdout.trim();
const git = (...args: string[]) => run('git', ...args);

beforeAll(async () => {
  mkdirSync(join(home, '.ssh'), { recursive: true });
  const key = join(home, '.ssh', 'id_ed25519');
  await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key);
  practice = await open();
  const helper = `credential.helper=store --file ${practice.credentials}`;
  await git('clone', '-q', '-c', helper, practice.repository, clone);
  await git('-C', clone, 'config', 'user.name', 'Ana');
  await git('-C', clone, 'config', 'user.email', 'ana@example.com');
});
afterAll(async () => {
  await practice?.close();
  rmSync(root, { recursive: true, force: true });
});

/**
 * Commits and pushes `files`. Returns the commit and the check runs that the commit has right after
 * the push.
 */
async function push(files: FileTree) {
  writeTree(clone, files);
  await git('-C', clone, 'add', '.');
  await git('-C', clone, 'commit', '-q', '-m', 'another');
  await git('-C', clone, 'push', '-q', 'origin', 'HEAD:main');
  const sha = await git('-C', clone, 'rev-parse', 'HEAD');
  const at = `${practice.github}/repos/practice/shop/commits/${sha}/check-runs`;
  const headers = { authorization: `Bearer ${practice.token}` };
  const { check_runs: runs } = (await (await fetch(at, { headers })).json()) as {
    check_runs: { name: string; status: string; conclusion: string }[];
  };
  return {
    sha: sha.slice(0, 7),
    runs: runs.map(({ name, status, conclusion }) => `${name} ${status} ${conclusion}`),
  };
}
const packageOf = (script: string) => ({
  'package.json': JSON.stringify({ scripts: { test: script } }),
});

test('a pushed commit is tested before the push is answered, without what we know', async () => {
  process.env['PRACTICE_TEST_SECRET'] = 'known';
  const { sha, runs } = await push(packageOf('test -z "$PRACTICE_TEST_SECRET"'));
  expect(runs).toEqual(['test completed success']);
  expect(said.pop()).toBe(`npm test of ${sha}: passed`);
});

test('a commit whose test fails is reported with its output', async () => {
  const { sha, runs } = await push(packageOf('echo it hurts >&2; exit 3'));
  expect(runs).toEqual(['test completed failure']);
  expect(said.pop()).toMatch(new RegExp(`^npm test of ${sha}: FAILED\n[^]*it hurts`));
});

test("the host lets in whoever has a key of this person's", async () => {
  const [user = '', port = ''] = practice.host.address.split('@127.0.0.1:');
  const options = ['-i', join(home, '.ssh', 'id_ed25519'), '-p', port, '-F', 'none'];
  const quiet = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const args = [...options, ...quiet.flatMap((it) => ['-o', it]), `${user}@127.0.0.1`];
  expect(await run('ssh', ...args, 'systemctl show -p ActiveState shop')).toBe(
    'ActiveState=inactive',
  );
});

test('what a shell reads has every address, what is printed has no secret', async () => {
  const shown = await run('sh', '-c', `${environmentText(practice)}env`);
  expect(shown.split('\n')).toEqual(
    expect.arrayContaining([
      `PRACTICE_REPOSITORY=${practice.repository}`,
      `PRACTICE_CREDENTIALS=${practice.credentials}`,
      `PRACTICE_GITHUB=${practice.github}`,
      `PRACTICE_HOST=${practice.host.address}`,
      `PRACTICE_DIRECTORY=${practice.host.directory}`,
      `PRACTICE_URL=${practice.host.url}`,
      `GITHUB_TOKEN=${practice.token}`,
    ]),
  );
  const page = pageText(practice, 'it.env');
  expect(page).toContain('In every other terminal, type in this directory: . it.env\n');
  expect(page).not.toContain(practice.token);
});

test('without a key, and with a bad name, nothing is started', async () => {
  const empty = join(root, 'empty');
  await expect(open({ home: empty })).rejects.toThrow(
    `There is no public key in ${empty}/.ssh, so nobody could log in to the practice host.\n` +
      'Create a key and try again: ssh-keygen -t ed25519 && npm run practice',
  );
  await expect(open({ name: 'My Shop' })).rejects.toThrow(
    '"My Shop" is not a valid name for a practice project. ' +
      'Use at most 31 lower case letters, digits and "-", and begin with a letter or a digit.\n' +
      'For example: npm run practice -- shop',
  );
  const directories = readdirSync(root).filter((name) => name.startsWith('it-'));
  const used = directories.filter((name) => readdirSync(join(root, name)).length > 0);
  expect(used).toHaveLength(1);
});
