import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { verifySignature } from '../../activities/signatures.ts';
import { identity } from '../../client/identity.ts';
import { withKeyFile } from '../../client/key-file.ts';
import { signPayload } from '../../client/sign.ts';
import { recordedIo } from '../support/io.ts';
import { makeKey } from '../support/keys.ts';

const namespace = 'plimsoll-request@v1';
const payload = { ref: 'main' };
const key = makeKey();
const text = readFileSync(key.path, 'utf8');
// A place of its own: other tests sign meanwhile.
vi.stubEnv('TMPDIR', mkdtempSync(join(tmpdir(), 'plimsoll-signing-')));
const keyFiles = () => readdirSync(tmpdir()).filter((name) => name.startsWith('plimsoll-secret-'));

const sign = (keyPath: string) => signPayload({ payload, keyPath, namespace, interactive: false });
const refused = (keyPath: string) =>
  sign(keyPath).then(
    () => 'signed',
    (error: Error) => error.message,
  );

describe('a key that is there as text', () => {
  it.each([
    ['as it is', text],
    ['without its last end of line', text.trim()],
    ['with the ends of lines of Windows', text.replaceAll('\n', '\r\n')],
    ['in one line', text.trim().replaceAll('\n', String.raw`\n`)],
  ])('signs %s, and leaves no file', async (_, stored) => {
    const before = keyFiles();
    const signature = await sign(stored);
    const keys = [key.publicKey];
    const verified = await verifySignature({ payload, signature, namespace, keys });
    expect(verified).toMatchObject({ ok: true });
    expect(keyFiles()).toEqual(before);
  });

  it('lies in a file that nobody else can read', async () => {
    const mode = await withKeyFile(text, async (path) => statSync(path).mode & 0o777);
    expect(mode).toBe(0o600);
  });

  it('and cannot sign, is never shown', async () => {
    const half = text.split('\n').slice(0, 3).join('\n');
    expect(await refused(half)).toBe(
      `Cannot sign with the key in PLIMSOLL_KEY: it is no private key that ssh-keygen can read.
Store the whole file, its first and its last line too, or name a file: --key PATH`,
    );
    const locked = readFileSync(makeKey({ passphrase: 'secret' }).path, 'utf8');
    expect(await refused(locked)).toBe(
      `Cannot sign with the key in PLIMSOLL_KEY: it has a passphrase, which nobody can type here.
Store a key of its own without one: ssh-keygen -t ed25519 -N '' -f plimsoll-ci`,
    );
  });

  it('is taken from the environment, never from the command line', () => {
    const io = recordedIo({ env: { PLIMSOLL_AS: 'ci', PLIMSOLL_KEY: text } });
    expect(identity(io, {})).toEqual({ name: 'ci', keyPath: text });
    expect(() => identity(io, { key: text })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: `--key wants the path of a private key, not the key: every process of this machine could read it there.
Make a new key, and put its text into the environment: PLIMSOLL_KEY`,
      }),
    );
  });
});
