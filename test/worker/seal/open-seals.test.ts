import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newSealKey } from '../../../worker/seal/new-key.ts';
import { openSeals, publicSealKeys } from '../../../worker/seal/open-seals.ts';

const home = () => mkdtempSync(join(tmpdir(), 'seals-'));
const body = { sha: 'a'.repeat(40) };
const alone = { sandbox: false };
const configured = (...publicKeys: string[]) => ({
  sandbox: false,
  seal: { key: 'env:PLIMSOLL_SEAL', public: publicKeys },
});

const failure = (...given: Parameters<typeof openSeals>) =>
  openSeals(...given).then(
    () => 'opened',
    (cause: Error & { type?: string; nonRetryable?: boolean }) => {
      expect(cause).toMatchObject({ type: 'Misconfigured', nonRetryable: true });
      return cause.message;
    },
  );

describe('without seal:', () => {
  it('workers with the same data directory share one key, and it is said once', async () => {
    const env = { XDG_DATA_HOME: home() };
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const one = await openSeals(alone, { env, say });
    const other = await openSeals(alone, { env, say, address: '127.0.0.1:7233' });
    expect(other.whyInvalid('plan', body, one.seal('plan', body))).toBeNull();
    expect(said).toEqual([
      `Made the key with which the workers of this machine seal plans: ${env.XDG_DATA_HOME}/plimsoll/seal.key
Deploys that are open need this key. Include it in your backups, and keep it secret.`,
    ]);
  });

  it('another data directory has another key', async () => {
    const one = await openSeals(alone, { env: { XDG_DATA_HOME: home() } });
    const other = await openSeals(alone, { env: { XDG_DATA_HOME: home() } });
    expect(other.whyInvalid('plan', body, one.seal('plan', body))).toContain('not in seal.key');
  });

  it.each(['temporal.example.com:7233', '10.0.0.7:7233', '[2001:db8::1]:7233', 'temporal:7233'])(
    'Temporal at %s is refused',
    async (address) => {
      expect(await failure(alone, { env: { XDG_DATA_HOME: home() }, address })).toBe(
        `plimsoll.yaml has no key "seal", and this worker uses Temporal at ${address}. Workers on other machines may work there too, and all workers must seal plans with the same key.
Make a key, and follow the steps that it prints: plimsoll seal --new`,
      );
    },
  );

  it.each(['localhost:7233', '127.0.0.1:7233', '[::1]:7233'])(
    'Temporal at %s is on this machine',
    async (address) => {
      expect(await failure(alone, { env: { XDG_DATA_HOME: home() }, address })).toBe('opened');
    },
  );

  it('a ledger in PostgreSQL is refused', async () => {
    const env = { XDG_DATA_HOME: home(), DATABASE_URL: 'postgres://127.0.0.1/ledger' };
    expect(await failure(alone, { env })).toBe(
      `plimsoll.yaml has no key "seal", and this worker keeps its ledger in PostgreSQL. Workers on other machines may work there too, and all workers must seal plans with the same key.
Make a key, and follow the steps that it prints: plimsoll seal --new`,
    );
  });
});

describe('with seal:', () => {
  const [first, next] = [newSealKey(), newSealKey()];
  const away = { address: 'temporal.example.com:7233' };

  it('workers with the same private key share it, also on other machines', async () => {
    const where = () => ({ env: { XDG_DATA_HOME: home(), PLIMSOLL_SEAL: first.key }, ...away });
    const one = await openSeals(configured(), where());
    const other = await openSeals(configured(first.publicKey), where());
    expect(other.whyInvalid('plan', body, one.seal('plan', body))).toBeNull();
  });

  it.each(['secret', newSealKey().publicKey])('%j is no private key', async (value) => {
    expect(await failure(configured(), { env: { PLIMSOLL_SEAL: value } })).toBe(
      `The variable PLIMSOLL_SEAL, which "seal" in plimsoll.yaml names, contains no private Ed25519 key, so this worker cannot seal plans.
Make a key: plimsoll seal --new
Set PLIMSOLL_SEAL to the printed value where each worker is started.`,
    );
  });

  it('a missing variable is named', async () => {
    expect(await failure(configured(), { env: {} })).toContain('has no PLIMSOLL_SEAL');
  });

  it('the public key must be in the list', async () => {
    expect(await failure(configured(next.publicKey), { env: { PLIMSOLL_SEAL: first.key } })).toBe(
      `The public key of PLIMSOLL_SEAL is not under seal.public in plimsoll.yaml, so other workers and clients would refuse the plans that this worker seals.
Add the public key to seal.public: ${first.publicKey}
Or set PLIMSOLL_SEAL to the private key of a public key in seal.public.`,
    );
  });

  it('a rotation in three steps never has two workers that refuse each other', async () => {
    const [f, n] = [first.publicKey, next.publicKey];
    const worker = (key: string, ...list: string[]) =>
      openSeals(configured(...list), { env: { PLIMSOLL_SEAL: key } });
    const steps = await Promise.all([
      worker(first.key, f),
      worker(first.key, n, f),
      worker(next.key, n, f),
      worker(next.key, n),
    ]);
    const accepts = steps.map((worker) =>
      steps.map((by) => worker.whyInvalid('plan', body, by.seal('plan', body)) === null),
    );
    expect(accepts).toEqual([
      [true, true, false, false],
      [true, true, true, true],
      [true, true, true, true],
      [false, false, true, true],
    ]);
    const [before, , , after] = steps;
    expect(after!.whyInvalid('plan', body, before!.seal('plan', body))).toContain(
      'not in seal.public',
    );
  });
});

describe('the public keys that this machine knows', () => {
  const [first, next] = [newSealKey(), newSealKey()];

  it('are those of plimsoll.yaml, without the private key', async () => {
    expect(await publicSealKeys(configured(first.publicKey), {})).toEqual({
      own: null,
      valid: [first.publicKey],
    });
  });

  it('are the own one first, if the private key is here', async () => {
    const env = { PLIMSOLL_SEAL: first.key };
    expect(await publicSealKeys(configured(next.publicKey, first.publicKey), env)).toEqual({
      own: first.publicKey,
      valid: [first.publicKey, next.publicKey],
    });
    expect(await publicSealKeys(configured(), env)).toMatchObject({ valid: [first.publicKey] });
  });

  it('are none, if there is neither a list nor a key', async () => {
    const env = { XDG_DATA_HOME: home() };
    expect(await publicSealKeys(configured(), env)).toEqual({ own: null, valid: [] });
    expect(await publicSealKeys(alone, env)).toEqual({ own: null, valid: [] });
  });
});
