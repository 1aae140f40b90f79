import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { verifyRequest } from '../../../activities/plan/request.ts';
import { createPush } from '../../../activities/queue/push.ts';
import { proveSigner, signAs } from '../../../activities/approval/signatures/sign.ts';
import { readKeyLine } from '../../../activities/approval/signatures/key-line.ts';
import { fingerprintOf } from '../../../activities/approval/signatures/revoked.ts';
import type { EntryKind } from '../../../domain/contract/activities.ts';
import { makeKey } from '../../support/keys.ts';
import { alice, ci, configOf } from '../../support/planning.ts';

const place = { project: 'shop', environment: 'production' };
const head = 'c'.repeat(40);
let ledger: Ledger;
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});

const requests = { as: 'ci', key: ci.path };
const push = (at: string | null = head, over: object = { requests }) =>
  createPush({
    config: () => configOf(over),
    ledger,
    git: { remoteHead: async () => at },
    now: () => Date.parse('2026-11-24T10:00:00.000Z'),
  });
const snapshot = (at?: string | null) => push(at).readBranch(place);

let rows = 0;
const row = (kind: EntryKind, deployId: string | null, body: object, where: object = place) => {
  rows += 1;
  const at = { project: 'shop', environment: 'production', ...where };
  return ledger.append({ kind, key: `row/${rows}`, deployId, ...at, body: { ...body } });
};

describe('a read of the branch', () => {
  test('finds where it is, and what the gates need to know', async () => {
    expect(await snapshot()).toEqual({
      ...{ branch: 'main', head, known: null, open: null, refused: null, notified: null },
      subject: {
        ...{ project: 'shop', sha: head, github: 'acme/shop' },
        target: { repository: 'https://git.example/shop.git' },
      },
      ...{ after: null, channel: null, stopped: null },
    });
    expect(await snapshot(null)).toMatchObject({ head: null, subject: null });
  });

  test.each(['started', 'adopted', 'revert'] as const)(
    'knows a commit by its row %s',
    async (kind) => {
      await row(kind, 'd-1', { sha: 'd'.repeat(40) });
      await row(kind, 'd-2', { sha: head }, { environment: 'staging' });
      expect((await snapshot()).known).toBeNull();
      await row(kind, 'd-3', { sha: head });
      expect((await snapshot()).known).toBe(kind);
    },
  );

  test('knows which deploy is open, and whether that refused this commit', async () => {
    await row('started', 'd-1', { sha: 'd'.repeat(40) });
    expect(await snapshot()).toMatchObject({ open: 'd-1', refused: null });
    await row('request', 'd-1', { sha: head, verdict: 'refused', why: 'it is in watch' });
    expect(await snapshot()).toMatchObject({ open: 'd-1', refused: 'it is in watch' });
    await row('closed', 'd-1', { outcome: 'succeeded' });
    expect(await snapshot()).toMatchObject({ open: null, refused: null });
    await row('started', 'd-2', { sha: 'd'.repeat(40) });
    expect(await snapshot()).toMatchObject({ open: 'd-2', refused: null });
  });

  test('knows the last notification, for this commit alone', async () => {
    await row('request', null, { sha: head, verdict: 'waits', why: 'for d-1 to end' });
    expect((await snapshot()).notified).toBe('for d-1 to end');
    await row('request', null, { sha: 'd'.repeat(40), verdict: 'waits', why: 'another' });
    expect((await snapshot()).notified).toBeNull();
  });
});

test('a read of the branch says that the line is stopped', async () => {
  const body = { by: 'bob', reason: 'the database is full' };
  const { at } = await row('stopped', null, body, { project: null, environment: null });
  expect((await snapshot()).stopped).toBe(
    `the line is stopped by bob since ${at.slice(0, 10)} ${at.slice(11, 16)} UTC: "the database is full"`,
  );
});

describe('the request for a pushed commit', () => {
  test('is one that the worker accepts, for exactly this commit', async () => {
    const signed = await push().signPush({ ...place, sha: head });
    expect(await verifyRequest(signed, configOf())).toEqual({
      ...place,
      ...{ ref: head, requestedBy: 'ci', reason: 'push to main', priority: 'normal' },
      ...{
        nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
        requestedAt: '2026-11-24T10:00:00.000Z',
      },
    });
  });

  test('is refused for any other commit than the newest one of the branch', async () => {
    await expect(push().signPush({ ...place, sha: 'd'.repeat(40) })).rejects.toMatchObject({
      type: 'Refused',
      message: `ddddddd is not the newest commit of main, so no deploy of it was requested.
The next check of the branch requests a deploy of the newest commit.`,
    });
  });

  test('has no requester where none is configured', async () => {
    await expect(push(head, {}).signPush({ ...place, sha: head })).rejects.toMatchObject({
      type: 'Misconfigured',
      message: `"deployOn: push" needs a requester, but plimsoll.yaml has no "requests" any more.
Add requests: { as: NAME, key: PATH } and start the worker again.`,
    });
  });
});

describe('a key that cannot sign requests', () => {
  const refused = (key: string, revoked: string[] = []) =>
    proveSigner(configOf({ requests: { as: 'ci', key }, revoked })).then(
      (text) => text,
      ({ type, message }: Error & { type: string }) => `${type}: ${message}`,
    );
  const own = readKeyLine(ci.publicKey);
  const fingerprint = own && fingerprintOf(own);
  const fresh = () => join(mkdtempSync(join(tmpdir(), 'plimsoll-push-')), 'key');

  test('and one that can', async () => {
    expect(await refused(ci.path)).toBe(`ci signs with ${ci.path}`);
    expect(await proveSigner(configOf())).toBe('not configured');
  });

  test('is not there', async () => {
    const key = fresh();
    expect(await refused(key)).toBe(
      `Misconfigured: The worker cannot sign with ${key}, because there is no such file.
Make the key with: ssh-keygen -t ed25519 -N '' -f ${key}
Then list the line in ${key}.pub under requesters.ci.keys in plimsoll.yaml.`,
    );
  });

  test('has a passphrase', async () => {
    const key = makeKey({ passphrase: 'secret' }).path;
    expect(await refused(key)).toBe(
      `Misconfigured: The worker cannot sign with ${key}, because the key has a passphrase, and nobody can type it in the worker.
Make a key without a passphrase: ssh-keygen -t ed25519 -N '' -f ${key}
Then list the line in ${key}.pub under requesters.ci.keys in plimsoll.yaml.`,
    );
  });

  test('may be read by others', async () => {
    const key = makeKey().path;
    chmodSync(key, 0o644);
    expect(await refused(key)).toBe(
      `Misconfigured: The worker cannot sign with ${key}, because the permissions of the key are wrong. Only the worker's user may read it.
Fix it: chmod 600 ${key}; ls -l ${key}`,
    );
  });

  test('is no key', async () => {
    const key = fresh();
    writeFileSync(key, 'nonsense\n', { mode: 0o600 });
    const [first = '', next] = (await refused(key)).split('\n');
    expect(first).toMatch(
      /^Misconfigured: The worker cannot sign with \S+, because ssh-keygen said: /,
    );
    expect(next).toBe(`Try it: ssh-keygen -Y sign -n test -f ${key} </dev/null`);
  });

  test.each([
    [
      'is somebody else’s',
      alice,
      [],
      'it was made with a key that is not configured for this person',
    ],
    ['is revoked', ci, [ci.publicKey], `its key ${fingerprint} is revoked`],
  ])('%s', async (_, { path }, revoked, why) => {
    expect(await refused(path, revoked)).toBe(
      `Misconfigured: A signature by requests.key ${path} for ci would be refused: ${why}.
List a valid public key under requesters.ci.keys, and set requests.key to the path of its private key.
This prints the public key of ${path}: ssh-keygen -y -f ${path}`,
    );
  });

  test('is asked by a program that does not answer', async () => {
    const program = join(mkdtempSync(join(tmpdir(), 'plimsoll-push-')), 'ssh-keygen');
    writeFileSync(program, '#!/bin/sh\necho broken >&2; exit 3\n', { mode: 0o755 });
    await expect(signAs(requests, {}, 'n', program)).rejects.toMatchObject({
      message: expect.stringContaining('ssh-keygen said: broken.'),
    });
  });
});
