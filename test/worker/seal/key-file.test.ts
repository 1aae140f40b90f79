import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { publicSealKeyText } from '../../../activities/lib/seal-key.ts';
import {
  makeKeyFile,
  readKeyFile,
  rotateKeyFile,
  sealKeyPath,
} from '../../../worker/seal/key-file.ts';
import { newSealKey } from '../../../worker/seal/new-key.ts';

const fresh = () => join(mkdtempSync(join(tmpdir(), 'seal-key-')), 'data', 'seal.key');
const modeOf = (path: string) => statSync(path).mode & 0o777;
const failure = (path: string) =>
  readKeyFile(path).then(
    () => 'it was read',
    (cause: Error) => cause.message,
  );

it('is in the data directory of the user, and a sandbox has its own', () => {
  const env = { XDG_DATA_HOME: '/data' };
  expect(sealKeyPath({ sandbox: false }, env)).toBe('/data/plimsoll/seal.key');
  expect(sealKeyPath({ sandbox: true }, env)).toBe('/data/plimsoll/sandbox/seal.key');
});

it('is made once, readable for its user alone, whatever the umask', async () => {
  const path = fresh();
  const before = process.umask(0);
  try {
    expect(await makeKeyFile(path)).toBe(true);
  } finally {
    process.umask(before);
  }
  expect([modeOf(path), modeOf(dirname(path))]).toEqual([0o600, 0o700]);
  const text = readFileSync(path, 'utf8');
  expect(await makeKeyFile(path)).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

it('is the same for all workers that start at the same time', async () => {
  const path = fresh();
  const made = await Promise.all(Array.from({ length: 8 }, () => makeKeyFile(path)));
  expect(made.filter(Boolean)).toEqual([true]);
  expect(readdirSync(dirname(path))).toEqual(['seal.key']);
  expect(await readKeyFile(path)).toMatchObject({ accepted: [] });
});

it('gets a new key, and keeps the public keys of the earlier ones', async () => {
  const path = fresh();
  await makeKeyFile(path);
  const first = publicSealKeyText((await readKeyFile(path))!.key);
  const second = await rotateKeyFile(path);
  const third = await rotateKeyFile(path);
  const { key, accepted } = (await readKeyFile(path))!;
  expect([key, ...accepted].map(publicSealKeyText)).toEqual([third, first, second]);
  expect(modeOf(path)).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(['seal.key']);
});

it('must exist before it is rotated', async () => {
  const path = fresh();
  await expect(rotateKeyFile(path)).rejects.toThrow(
    `There is no key file ${path}, so there is no key to rotate. Nothing was changed.
The first worker of this machine makes the key: plimsoll up`,
  );
  expect(existsSync(path)).toBe(false);
});

it('is null without a file', async () => {
  expect(await readKeyFile(fresh())).toBeNull();
});

it.each([0o640, 0o604, 0o660])('is refused with mode %o', async (mode) => {
  const path = fresh();
  await makeKeyFile(path);
  chmodSync(path, mode);
  expect(await failure(path)).toBe(
    `Other users of this machine may read or replace the workers' key ${path}, so they could seal a plan that no worker made.
Remove the file, and the next worker makes a new key: rm ${path}
If no other user works on this machine, you may keep it: chmod 600 ${path} && chown $(id -u) ${path}`,
  );
});

it.skipIf(process.getuid?.() !== 0)('is refused if another user owns it', async () => {
  const path = fresh();
  await makeKeyFile(path);
  chownSync(path, 65534, 65534);
  expect(await failure(path)).toContain('Other users of this machine may read or replace');
});

it.each([
  ['nothing', ''],
  ['a public key alone', newSealKey().publicKey],
  ['a private key among the others', `${newSealKey().key}\n${newSealKey().key}`],
])('is refused if it contains %s', async (_, text) => {
  const path = fresh();
  await makeKeyFile(path);
  writeFileSync(path, text);
  expect(await failure(path)).toBe(
    `${path} is not a key file of the workers: it must contain a private Ed25519 key, then one public key on each line.
Restore the file, or remove it, and the next worker makes a new key: rm ${path}
With a new key, deploys that are open now cannot continue.`,
  );
});
