import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { verifySignature } from '../../../activities/approval/signatures/signatures.ts';
import { identity } from '../../../client/sign/identity.ts';
import { withKeyFile } from '../../../client/sign/key-file.ts';
import { signPayload } from '../../../client/sign/sign.ts';
import { recordedIo } from '../../support/io.ts';
import { makeKey } from '../../support/keys.ts';

const namespace = 'plimsoll-request@v1';
const payload = { ref: 'main' };
const key = makeKey();
const text = readFileSync(key.path, 'utf8');
// The tests list the key files in TMPDIR. They use a separate directory, because other tests sign
// at the same time.
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
      `Cannot sign with the key in PLIMSOLL_KEY: ssh-keygen cannot read it as a private key.
Store the whole key file with its first and last line, or name the file: --key PATH`,
    );
    const locked = readFileSync(makeKey({ passphrase: 'secret' }).path, 'utf8');
    expect(await refused(locked)).toBe(
      `Cannot sign with the key in PLIMSOLL_KEY: it has a passphrase, which nobody can type here.
Store a separate key without a passphrase: ssh-keygen -t ed25519 -N '' -f plimsoll-ci`,
    );
  });

  it('is taken from the environment, never from the command line', () => {
    const io = recordedIo({ env: { PLIMSOLL_AS: 'ci', PLIMSOLL_KEY: text } });
    expect(identity(io, {})).toEqual({ name: 'ci', keyPath: text });
    expect(() => identity(io, { key: text })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: `--key takes the path of a private key, not the key itself. Every process on this machine can read an option.
Make a new key, and put its text into the variable PLIMSOLL_KEY.`,
      }),
    );
  });
});
