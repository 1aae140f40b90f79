import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Board } from '../../../sandbox/board.ts';
import { startVpsHost } from '../../../sandbox/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../../sandbox/vps/start-vps-host.ts';
import { hosts } from '../../../worker/doctor/hosts.ts';
import { configOf } from './doctor-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'doctor-hosts-'));
let handle: VpsHostHandle;

beforeAll(async () => {
  const board = new Board();
  handle = await startVpsHost({ directory: root, name: 'shop', board, service: { unit: 'shop' } });
});
afterAll(async () => {
  await handle.stop();
  rmSync(root, { recursive: true, force: true });
});

const look = async (change: { hostKey?: string; now?: () => number; times?: number } = {}) => {
  const { hostKey = handle.hostKeyFingerprint, now, times = 1 } = change;
  const host = { address: handle.address, hostKey, url: handle.url };
  const config = configOf({
    hosts: Array.from({ length: times }, () => host),
    identity: handle.clientKeyPath,
  });
  return await Promise.all(hosts(config, now));
};
const where = () => ({ login: `${handle.user}@127.0.0.1`, name: handle.address });

test('a host that has the pinned key and the right time is in order, and asked once', async () => {
  const [finding, ...more] = await look();
  expect(more).toEqual([]);
  expect(finding).toEqual({
    check: `host ${where().name}`,
    state: 'ok',
    text: 'reached with the pinned host key, clock within 30 s',
  });
});

test('another host key is told with both keys and where to compare them', async () => {
  const pinned = `SHA256:${'A'.repeat(43)}`;
  expect(await look({ hostKey: pinned })).toEqual([
    {
      check: `host ${where().name}`,
      state: 'problem',
      text: `${where().name} showed another host key than the pinned one, so nothing was sent to it.
expected: ${pinned}
seen:     ${handle.hostKeyFingerprint}
Either the host was rebuilt or somebody answers in its place. On its own console run
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
and only if that prints the key seen here, put it as hostKey in plimsoll.yaml.`,
    },
  ]);
});

test.each([
  [-100_000, 'ahead of'],
  [100_000, 'behind'],
])('a clock that is %d ms off is a problem', async (offMs, side) => {
  const [finding] = await look({ now: () => Date.now() + offMs });
  expect(finding?.state).toBe('problem');
  // The host tells whole seconds.
  expect(finding?.text.replace(/\b(99|100|101) s/, '100 s')).toBe(
    `The clock of ${where().name} is 100 s ${side} this machine's; at most 30 s are allowed, ` +
      'else the watch reads the wrong minutes of its logs.\n' +
      'On whichever is wrong: sudo timedatectl set-ntp true, then: ' +
      `ssh -p ${handle.sshPort} ${where().login} date`,
  );
});

test('a host that is away is told with the command to try', async () => {
  const host = {
    address: 'deploy@127.0.0.1:1',
    hostKey: handle.hostKeyFingerprint,
    url: 'http://127.0.0.1:1/',
  };
  const config = configOf({ hosts: [host], identity: handle.clientKeyPath });
  expect(await Promise.all(hosts(config))).toEqual([
    {
      check: 'host deploy@127.0.0.1:1',
      state: 'problem',
      text:
        'deploy@127.0.0.1:1 cannot be reached over ssh (ECONNREFUSED). ' +
        'Check that it is up and lets this machine in: ssh -p 1 deploy@127.0.0.1 true',
    },
  ]);
});
