import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { createLedgerActivities } from '../../../activities/approval/ledger-activities.ts';
import type { LedgerPlace } from '../../../activities/ledger/ledger.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { closed, entry, release, sha } from './ledger-fixture.ts';
import type { LedgerBackend } from './ledger-fixture.ts';

/** The tests that every database for the ledger must pass. */
export function ledgerContract(backend: LedgerBackend) {
  const opened: Ledger[] = [];
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
  });

  async function open(known?: LedgerPlace) {
    const place = known ?? (await backend.fresh());
    const ledger = await openLedger(place);
    opened.push(ledger);
    return { ledger, place };
  }

  describe('append', () => {
    test('writes rows that follow one another and reads them newest first', async () => {
      const { ledger } = await open();
      await ledger.append(entry('a'));
      await ledger.append(entry('b', { body: { z: 1, a: [true, null] } }));
      const entries = await ledger.read({ limit: 10 });
      expect(entries.map(({ seq, key }) => [seq, key])).toEqual([
        [2, 'b'],
        [1, 'a'],
      ]);
      expect(entries[0]?.body).toEqual({ a: [true, null], z: 1 });
      expect(await ledger.verify()).toMatchObject({
        ...{ ok: true, entries: 2, head: entries[0]?.hash, notSealed: 2 },
      });
    });

    test('adopts the row of the same key and changes nothing', async () => {
      const { ledger } = await open();
      const first = await ledger.append(entry('a', { body: { n: 1 } }));
      expect(await ledger.append(entry('a', { body: { n: 2 } }))).toEqual(first);
      expect(await ledger.read({ limit: 10 })).toEqual([first]);
    });

    test('keeps everything across a restart', async () => {
      const { ledger, place } = await open();
      const written = await ledger.append(entry('a'));
      await ledger.close();
      opened.length = 0;
      const again = await open(place);
      expect(await again.ledger.find('a')).toEqual(written);
      expect(await again.ledger.find('b')).toBeNull();
    });

    test('two ledgers in one place, fifty entries at once, one unbroken chain', async () => {
      const { ledger, place } = await open();
      const other = (await open(place)).ledger;
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => (n % 2 ? ledger : other).append(entry(`k${n % 40}`))),
      );
      expect(await other.verify()).toMatchObject({ ok: true, entries: 40 });
    });

    test('a process killed right after the answer loses nothing', async () => {
      const { ledger, place } = await open();
      const script = `
      import { openLedger } from ${JSON.stringify(new URL('../../../activities/ledger/ledger.ts', import.meta.url).href)};
      const ledger = await openLedger(${JSON.stringify(place)});
      await ledger.append(${JSON.stringify(entry('from-the-dead'))});
      process.kill(process.pid, 'SIGKILL');`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
      expect(await ledger.find('from-the-dead')).toMatchObject({ seq: 1 });
      expect(await ledger.verify()).toMatchObject({ ok: true, entries: 1 });
    });
  });

  describe('the messages at Slack', () => {
    const message = (ts: string, channel = 'C1') => ({ deployId: 'd-1', channel, step: 's', ts });

    test('are kept once, by deploy and channel, and are not in the chain', async () => {
      const { ledger, place } = await open();
      await ledger.messages.add(message('1700000002.000001'));
      await ledger.messages.add(message('1700000001.000001'));
      await ledger.messages.add({ ...message('1700000001.000001'), step: 'other' });
      await ledger.messages.add(message('1700000001.000001', 'C2'));
      const other = (await open(place)).ledger;
      expect(await other.messages.of('d-1', 'C1')).toEqual([
        message('1700000001.000001'),
        message('1700000002.000001'),
      ]);
      expect(await other.messages.of('d-2', 'C1')).toEqual([]);
      expect(await other.verify()).toMatchObject({ ok: true, entries: 0 });
    });
  });

  describe('append-only', () => {
    test.each([
      [(entries: string) => `UPDATE ${entries} SET body = '{}' WHERE seq = 1`],
      [(entries: string) => `DELETE FROM ${entries} WHERE seq = 1`],
    ])('%s is refused', async (statement) => {
      const { ledger, place } = await open();
      await ledger.append(entry('a'));
      await expect(backend.raw(place, statement)).rejects.toThrow('the ledger is append-only');
      expect(await ledger.verify()).toMatchObject({ ok: true, entries: 1 });
    });

    async function tampered(statement: (entries: string) => string) {
      const { ledger, place } = await open();
      for (const key of ['a', 'b', 'c']) await ledger.append(entry(key));
      await backend.unguard(place);
      await backend.raw(place, statement);
      return await ledger.verify();
    }

    test('verify names the first row that was changed', async () => {
      expect(
        await tampered((entries) => `UPDATE ${entries} SET environment = 'staging' WHERE seq = 2`),
      ).toEqual({
        ok: false,
        seq: 2,
        why: 'row 2 ("b") was changed after it was written',
        verified: 1,
      });
    });

    test('verify names the gap that a removed row leaves', async () => {
      expect(await tampered((entries) => `DELETE FROM ${entries} WHERE seq = 2`)).toEqual({
        ok: false,
        seq: 3,
        why: 'row 2 is missing before row 3',
        verified: 1,
      });
    });

    test('verify finds a row whose hash was computed again', async () => {
      expect(
        await tampered((entries) => `UPDATE ${entries} SET hash = 'x', body = '{}' WHERE seq = 2`),
      ).toMatchObject({ ok: false, seq: 2 });
      expect(
        await tampered((entries) => `UPDATE ${entries} SET prev_hash = 'x' WHERE seq = 3`),
      ).toEqual({
        ok: false,
        seq: 3,
        why: 'row 3 does not contain the hash of row 2',
        verified: 2,
      });
    });
  });

  describe('secrets', () => {
    test.each([
      ['-----BEGIN OPENSSH PRIVATE KEY-----', 'a private key'],
      [['xoxb', '1234567890', 'abcdef'].join('-'), 'a Slack token'],
      [['ghp', 'a'.repeat(36)].join('_'), 'a GitHub token'],
      [['npm', 'b'.repeat(36)].join('_'), 'an npm token'],
      [['sk', 'live', '4242424242424242'].join('_'), 'a payment key'],
      ['postgres://shop:hunter2@db/shop', 'a password in an address'],
      [`Authorization: Bearer ${'c'.repeat(30)}`, 'a bearer token'],
    ])('%s is refused, named and not written', async (secret, kind) => {
      const { ledger } = await open();
      const refused = ledger.append(entry('a', { body: { list: [{ reason: `see ${secret}` }] } }));
      await expect(refused).rejects.toMatchObject({
        type: 'Refused',
        nonRetryable: true,
        message:
          `The ledger refuses entry.body.list[0].reason, because it looks like ${kind}. ` +
          'A secret must not be in the ledger, because an entry is never deleted. ' +
          'Nothing was written. If the secret is real, revoke it. ' +
          'Then remove it from the text, and deploy again.',
      });
      expect(await ledger.read({ limit: 1 })).toEqual([]);
    });

    test('public keys, signatures, hashes and branch names are welcome', async () => {
      const { ledger } = await open();
      const body = {
        key: 'sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZA alice',
        signature: '-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----',
        ref: 'sk-improve-the-checkout-of-large-baskets',
        sha: sha('a'),
        url: 'https://git.example.com:8443/shop.git',
      };
      await expect(ledger.append(entry('a', { body }))).resolves.toMatchObject({ seq: 1 });
    });
  });

  describe('recall', () => {
    test('reads by project, environment and kind', async () => {
      const { ledger } = await open();
      await ledger.append(entry('a', { project: 'other' }));
      await ledger.append(entry('b', { environment: 'staging' }));
      await ledger.append(entry('c', { kind: 'incident' }));
      await ledger.append(entry('d'));
      const keys = async (query: Parameters<Ledger['read']>[0]) =>
        (await ledger.read(query)).map(({ key }) => key);
      expect(await keys({ project: 'shop', limit: 9 })).toEqual(['d', 'c', 'b']);
      expect(await keys({ project: 'shop', environment: 'staging', limit: 9 })).toEqual(['b']);
      expect(await keys({ kinds: ['started'], limit: 2 })).toEqual(['d', 'b']);
    });

    test('last closed is the newest outcome, last proven the newest that succeeded', async () => {
      const { ledger } = await open();
      expect(await ledger.lastProven('shop', 'production')).toBeNull();
      await ledger.append(closed('d-1', 'a'));
      await ledger.append(closed('d-2', 'b'));
      await ledger.append(closed('d-3', 'c', 'unproven'));
      expect((await ledger.lastClosed('shop', 'production'))?.body['outcome']).toBe('unproven');
      expect(await ledger.lastClosed('shop', 'staging')).toBeNull();
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('b'));
    });

    test('a quarantined release is not proven any more, until it is lifted', async () => {
      const { ledger } = await open();
      await ledger.append(closed('d-1', 'a'));
      await ledger.append(closed('d-2', 'b'));
      const body = { sha: sha('b'), release: release('b') };
      await ledger.append(entry('q', { kind: 'quarantine', environment: 'staging', body }));
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('a'));
      expect((await ledger.quarantined('shop', sha('b')))?.key).toBe('q');
      expect(await ledger.quarantined('shop', sha('a'))).toBeNull();
      expect(await ledger.quarantined('other', sha('b'))).toBeNull();
      await ledger.append(entry('l', { kind: 'lifted', body: { sha: sha('b') } }));
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('b'));
      expect(await ledger.quarantined('shop', sha('b'))).toBeNull();
    });

    test('a reverted release is not proven; a revert that changed nothing counts for nothing', async () => {
      const { ledger } = await open();
      await ledger.append(closed('d-1', 'a'));
      await ledger.append(closed('d-2', 'b'));
      await ledger.append(
        entry('r0', { kind: 'revert', deployId: 'd-2', body: { sha: null, note: 'off' } }),
      );
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('b'));
      await ledger.append(
        entry('r1', { kind: 'revert', deployId: 'd-2', body: { sha: sha('f') } }),
      );
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('a'));
    });

    test('a quarantine of a release id leaves other releases of its commit alone', async () => {
      const { ledger } = await open();
      await ledger.append(closed('d-1', 'a'));
      const other = { id: `${'a'.repeat(12)}-11111111`, sha: sha('a') };
      await ledger.append(entry('q', { kind: 'quarantine', body: { release: other } }));
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('a'));
      expect(await ledger.quarantined('shop', sha('a'))).toBeNull();
    });

    test('if the same commit was rolled back to under other settings, only the release id is bad', async () => {
      const { ledger } = await open();
      await ledger.append(closed('d-1', 'a'));
      const deployId = 'd-2';
      const rolledBackTo = { rolledBackTo: release('a') };
      await ledger.append(entry('i', { kind: 'incident', deployId, body: rolledBackTo }));
      const body = { sha: sha('a'), release: { id: `${'a'.repeat(12)}-11111111`, sha: sha('a') } };
      await ledger.append(entry('q', { kind: 'quarantine', deployId, body }));
      expect(await ledger.lastProven('shop', 'production')).toEqual(release('a'));
      expect(await ledger.quarantined('shop', sha('a'))).toBeNull();
      expect(await ledger.quarantines('shop')).toHaveLength(1);
    });

    test('incidents are open until they are closed', async () => {
      const { ledger } = await open();
      for (const incident of ['i-1', 'i-2'])
        await ledger.append(entry(incident, { kind: 'incident', body: { incident } }));
      await ledger.append(entry('c', { kind: 'incident-closed', body: { incident: 'i-1' } }));
      expect((await ledger.openIncidents('shop')).map(({ key }) => key)).toEqual(['i-2']);
    });

    test('the activities append, read and verify', async () => {
      const { ledger } = await open();
      const { append, readLedger, verifyLedger } = createLedgerActivities({
        ...{ ledger, signers: { approvers: {}, revoked: [] } },
      });
      expect(await append(entry('a'))).toBeUndefined();
      expect(await readLedger({ project: 'shop', limit: 1 })).toMatchObject([{ key: 'a', seq: 1 }]);
      const chain = await new MockActivityEnvironment().run(verifyLedger);
      expect(chain).toMatchObject({ ok: true, entries: 1 });
    });
  });
}
