import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elsewhere } from '../../../../../activities/platforms/vps/scripts/elsewhere.ts';

const pointer =
  'version https://git-lfs.github.com/spec/v1\n' +
  'oid sha256:2d6c72fe33411b6b66cf5fc671d56ac1c68e406c75fe4f9c12d71e09abad8b87\nsize 1048576\n';
const odd = ['a,b', 'c&d', 'e f', 'g"é', 'h\\1', 'plain', '$(i)'];

let root: string;
let tree: string;
const git = (directory: string, ...args: string[]) => {
  const off = ['protocol.file.allow=always', 'filter.lfs.process=', 'filter.lfs.required=false'];
  const me = ['user.name=Ana', 'user.email=ana@example.test'];
  const settings = [...off, 'filter.lfs.clean=', 'filter.lfs.smudge=', ...me];
  const options = settings.flatMap((setting) => ['-c', setting]);
  execFileSync('git', ['-C', directory, ...options, ...args], { stdio: 'pipe' });
};
const pointers = () =>
  execFileSync('sh', ['-euc', `${elsewhere}\npointers "$1"`, 'sh', tree], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
    .split('\n')
    .filter(Boolean);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-elsewhere-'));
  tree = join(root, 'tree');
  const models = join(root, 'models');
  for (const directory of [tree, models]) {
    mkdirSync(directory);
    git(directory, 'init', '--quiet');
  }
  writeFileSync(join(models, '.gitattributes'), '*.bin filter=lfs\n');
  writeFileSync(join(models, 'm.bin'), pointer);
  writeFileSync(
    join(models, 'o.bin'),
    pointer.replace('git-lfs', 'hawser').replaceAll('\n', '\r\n'),
  );
  git(models, 'add', '--all');
  git(models, 'commit', '--quiet', '--message', 'models');
  for (const name of odd) git(tree, 'submodule', '--quiet', 'add', '--', models, name);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('pointers of Git LFS are found in a submodule of any name', () => {
  const both = odd.flatMap((name) => [`${name}/m.bin`, `${name}/o.bin`]);
  expect(pointers().toSorted()).toEqual(both.toSorted());
});

test('a submodule that git cannot read counts as missing files', () => {
  writeFileSync(join(tree, 'plain', '.git'), 'gitdir: /nowhere\n');
  expect(pointers()).toContain('a submodule that git cannot read');
});

/** The user root reads every file, so this test runs the script as another user. */
test.runIf(process.getuid?.() === 0)('a file that cannot be read counts as missing', () => {
  const nobody = 65_534;
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-unread-'));
  git(directory, 'init', '--quiet');
  writeFileSync(join(directory, '.gitattributes'), '*.bin filter=lfs\n');
  writeFileSync(join(directory, 'whole.bin'), 'the model');
  writeFileSync(join(directory, 'closed.bin'), pointer);
  git(directory, 'add', '--all');
  chmodSync(join(directory, 'closed.bin'), 0o600);
  chmodSync(directory, 0o755);
  const script = ['-euc', `${elsewhere}\npointers "$1"`, 'sh', directory];
  const safe = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory' };
  const env = { ...process.env, ...safe, GIT_CONFIG_VALUE_0: '*', HOME: '/nonexistent' };
  const options = { encoding: 'utf8', stdio: 'pipe', uid: nobody, gid: nobody, env } as const;
  expect(execFileSync('sh', script, options)).toBe('closed.bin\n');
  rmSync(directory, { recursive: true });
});
