import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Board } from '../../../../sandbox/board.ts';
import { startVpsHost } from '../../../../sandbox/platforms/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../../../sandbox/platforms/vps/start-vps-host.ts';
import { placesOn } from '../../../../activities/platforms/places.ts';
import { doctor } from '../../../../activities/platforms/vps/doctor.ts';
import { hostWith } from './log/host.ts';
import { configOf } from '../../../worker/doctor/doctor-fixture.ts';

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
  return await Promise.all(doctor(placesOn(config, 'vps'), now));
};
const where = () => ({ login: `${handle.user}@127.0.0.1`, name: handle.address });

test('a host that has the pinned key and the right time is in order, and asked once', async () => {
  const [finding, ...more] = await look();
  expect(more).toEqual([]);
  expect(finding).toEqual({
    check: `host ${where().name}`,
    state: 'ok',
    text: 'reached with the pinned host key, and its clock is right within 30 s',
  });
});

test('a log that cannot be read whole is named', async () => {
  const program =
    "console.log('ERROR no db\\n\\u0001\\u0002\\u0003\\u0004'); setInterval(() => {}, 1000)";
  const at = await hostWith(program);
  await at.run('systemctl start "$1"', 'shop');
  await sleep(1000);
  const { address, hostKeyFingerprint: hostKey, url, clientKeyPath: identity } = at.handle;
  const config = configOf({ hosts: [{ address, hostKey, url }], identity });
  expect(await Promise.all(doctor(placesOn(config, 'vps')))).toEqual([
    {
      check: `host ${address}`,
      state: 'ok',
      text:
        'reached with the pinned host key, and its clock is right within 30 s; ' +
        'the log of shop in the last hour: 1 of 3 log lines could not be read',
    },
  ]);
  await at.close();
});

test('another host key is reported with both keys and where to compare them', async () => {
  const pinned = `SHA256:${'A'.repeat(43)}`;
  expect(await look({ hostKey: pinned })).toEqual([
    {
      check: `host ${where().name}`,
      state: 'problem',
      text: `${where().name} showed another host key than the pinned one, so nothing was sent to it.
expected: ${pinned}
seen:     ${handle.hostKeyFingerprint}
Either the host was rebuilt, or another machine answered. Run on the host's own console:
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
Only if this prints the key seen here, set that key as hostKey in plimsoll.yaml.`,
    },
  ]);
});

test.each([
  [-100_000, 'ahead of'],
  [100_000, 'behind'],
])('a clock that is %d ms off is a problem', async (offMs, side) => {
  const [finding] = await look({ now: () => Date.now() + offMs });
  expect(finding?.state).toBe('problem');
  // The clock of the host gives only whole seconds, so the text may differ by one.
  expect(finding?.text.replace(/\b(99|100|101) s/, '100 s')).toBe(
    `The clock of ${where().name} is 100 s ${side} this machine's clock. ` +
      'At most 30 s are allowed. If the difference is larger, the times in logs do not fit together.\n' +
      'Run on the machine with the wrong clock: sudo timedatectl set-ntp true\n' +
      `Then compare the clocks: ssh -p ${handle.sshPort} ${where().login} date`,
  );
});

test('an unreachable host is reported with the command to try', async () => {
  const host = {
    address: 'deploy@127.0.0.1:1',
    hostKey: handle.hostKeyFingerprint,
    url: 'http://127.0.0.1:1/',
  };
  const config = configOf({ hosts: [host], identity: handle.clientKeyPath });
  expect(await Promise.all(doctor(placesOn(config, 'vps')))).toEqual([
    {
      check: 'host deploy@127.0.0.1:1',
      state: 'problem',
      text:
        'deploy@127.0.0.1:1 cannot be reached over ssh (ECONNREFUSED). ' +
        'Check that the host is up and accepts connections from this machine: ssh -p 1 deploy@127.0.0.1 true',
    },
  ]);
});
