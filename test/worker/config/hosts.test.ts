import { randomBytes } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { jsonBytes, readMemo } from '../../../activities/lib/memo.ts';
import { createApproval } from '../../../activities/approval/approval.ts';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import { hostRules } from '../../../worker/config/hosts.ts';
import { openGate } from '../../support/plan.ts';
import { configOf, memory, plan } from '../../support/planning.ts';

const hostsOf = (count: number, domain = 'eu.shop.example.com') =>
  Array.from({ length: count }, (_, at) => ({
    address: `deploy@web-${String(at).padStart(2, '0')}.${domain}`,
    hostKey: `SHA256:${randomBytes(33).toString('base64').slice(0, 43)}`,
    url: `https://web-${String(at).padStart(2, '0')}.${domain}`,
  }));
const withHosts = (hosts: object[]) => configOf({}, { hosts });
const said = (hosts: object[]) => hostRules(withHosts(hosts)).map(({ what }) => what);

beforeEach(async () => {
  memory.ledger = await openLedger({ path: ':memory:' });
});

describe('an environment of many hosts', () => {
  it.each([14, 20, 50, 100])(
    '%i hosts are loaded, planned, sealed and read again',
    async (count) => {
      const config = withHosts(hostsOf(count));
      expect(hostRules(config)).toEqual([]);
      const states = Object.fromEntries(
        hostsOf(count).map(({ address }) => [
          `${address}:22`,
          { invocationId: randomBytes(16).toString('hex') },
        ]),
      );
      const made = await plan({ config, states }, { nonce: randomBytes(16).toString('hex') });
      expect(made.commits).toHaveLength(1);
      const gates = [openGate('tests', '2026-01-01T00:00:00.000Z')];
      const { sealPlan } = createApproval({ config: () => config, ledger: memory.ledger });
      const { memo, ...sealed } = await sealPlan({ plan: made, gates });
      const stored = JSON.parse(JSON.stringify(memo ?? sealed)) as unknown;
      expect(jsonBytes(stored)).toBeLessThan(15.5 * 1024);
      const read = readMemo(stored)!;
      expect(read).toEqual(JSON.parse(JSON.stringify(sealed)));
      expect(sealDigest(read.plan, read.gates)).toBe(sealed.digest);
    },
  );

  it('has at most 100 of them, and says so before anything is planned', () => {
    const remedy =
      'Make two environments, each with a part of the hosts, or give the hosts shorter names.';
    const text = `101 hosts are too many for one environment: one deploy takes at most 100.\n${remedy}`;
    expect(said(hostsOf(101))).toEqual([text, text]);
    const endless = Array.from({ length: 100 }, () => {
      const domain = `${randomBytes(60).toString('hex').match(/.{60}/g)!.join('.')}.example.com`;
      return hostsOf(1, domain)[0]!;
    });
    const long =
      'The plan of 100 hosts with these names and addresses does not fit into the memo of a deploy.\n' +
      remedy;
    expect(said(endless)).toEqual([long, long]);
  });
});

describe('a memo of a stranger', () => {
  it('is no plan if it cannot be read, and cannot become huge', () => {
    expect(readMemo(undefined)).toBeNull();
    expect(readMemo('text')).toBeNull();
    expect(readMemo({ packed: 7 })).toBeNull();
    expect(readMemo({ packed: 'not compressed' })).toBeNull();
    expect(readMemo({ packed: bombOf(64) })).toBeNull();
  });
});

/** A text of many megabytes, compressed to some kilobytes. */
function bombOf(megabytes: number): string {
  const json = Buffer.alloc(megabytes * 1024 * 1024, ' ');
  json.write('{}');
  return brotliCompressSync(json).toString('base64');
}
