import { describe, expect, test } from 'vitest';
import { judgeOwners } from '../../../../domain/platforms/vps/port-owners.ts';
import type { PortFacts, PortOwner } from '../../../../domain/platforms/vps/port-owners.ts';

const sha = 'a'.repeat(40);
const old = 'b'.repeat(40);
const now = '1'.repeat(32);
const earlier = '2'.repeat(32);

const main: PortOwner = {
  port: 8080,
  pid: 100,
  kin: true,
  invocation: now,
  group: '/system.slice/shop.service',
  sha,
  command: 'node',
};
const stray: PortOwner = { ...main, pid: 7, kin: false, invocation: null, group: null, sha: null };
const judge = (owners: PortOwner[], change: Partial<PortFacts> = {}, unit = true) =>
  judgeOwners(
    { healthPort: 8080, owners, hidden: [], ...change },
    { service: 'shop', unit, sha, invocationId: unit ? now : null },
  );
const right = { problems: [], notChecked: [] };

describe('a legal owner of the port is', () => {
  test.each<[string, PortOwner[]]>([
    ['the main process', [main]],
    ['a forked worker of the main process', [main, { ...main, pid: 101 }]],
    ['a worker that runs below the release directory', [{ ...main, sha }]],
    [
      'a daemon that forked itself twice, in the control group',
      [{ ...main, kin: false, invocation: null }],
    ],
    [
      'a process in a delegated control group',
      [{ ...main, kin: false, group: '/system.slice/shop.service/web' }],
    ],
    ['a process of this start whose group is unknown', [{ ...main, kin: false, group: null }]],
    ['systemd, which opened the socket', [{ ...stray, pid: 1, command: 'systemd' }]],
    [
      'systemd and the process that got the socket',
      [{ ...stray, pid: 1, command: 'systemd' }, main],
    ],
    ['systemd of a user, which opened the socket', [{ ...stray, command: 'systemd' }]],
  ])('%s', (_, owners) => {
    expect(judge(owners)).toEqual(right);
  });

  test.each(['docker-proxy', 'rootlesskit', 'rootlessport', 'slirp4netns', 'pasta', 'conmon'])(
    '%s, which holds the published port of a container',
    (command) => {
      const proxy = { ...stray, command, group: '/system.slice/docker.service' };
      expect(judge([proxy], {}, false)).toEqual(right);
    },
  );
});

const held = (why: string) => ({
  problems: [`port 8080 is held by process 7 (node), ${why}. Stop it on the host: sudo kill 7`],
  notChecked: [],
});

describe('not a legal owner is', () => {
  test.each<[string, PortOwner[], string]>([
    [
      'a worker of the failed release that outlived its unit',
      [main, { ...main, pid: 7, kin: false, invocation: earlier, sha: old }],
      'which an earlier start of shop left behind and which runs in release bbbbbbbbbbbb',
    ],
    [
      'the same, alone on the port',
      [{ ...main, pid: 7, kin: false, invocation: earlier, sha: old }],
      'which an earlier start of shop left behind and which runs in release bbbbbbbbbbbb',
    ],
    [
      'the same, in a checkout in place',
      [main, { ...main, pid: 7, kin: false, invocation: earlier, sha: null }],
      'which an earlier start of shop left behind',
    ],
    [
      'a process of another unit that still runs the failed release',
      [{ ...stray, group: '/system.slice/jobs.service', sha: old }],
      'which does not belong to shop and which runs in release bbbbbbbbbbbb',
    ],
    [
      'a process that somebody started by hand, beside the service',
      [main, { ...stray, group: '/user.slice/user-0.slice/session-3.scope' }],
      'which does not belong to shop, but shares its port',
    ],
    [
      'a process of another unit, beside the service',
      [main, { ...stray, group: '/system.slice/shop-old.service' }],
      'which does not belong to shop, but shares its port',
    ],
    [
      'a process without its environment and its group, beside the service',
      [main, stray],
      'which does not belong to shop, but shares its port',
    ],
    [
      'the main process itself, in another release',
      [{ ...main, pid: 7, sha: old }],
      'which runs in release bbbbbbbbbbbb',
    ],
  ])('%s', (_, owners, why) => {
    expect(judge(owners)).toEqual(held(why));
  });

  test('a unit whose name only begins with the name of the service', () => {
    const one = { ...main, kin: false, invocation: null, group: '/system.slice/shop.service-x' };
    expect(judge([main, { ...one, pid: 7 }])).toEqual(
      held('which does not belong to shop, but shares its port'),
    );
  });

  test('another container with the network of the host', () => {
    const other = { ...stray, group: '/system.slice/docker-0abc.scope' };
    expect(judge([{ ...main, invocation: null }, other], {}, false)).toEqual(
      held('which does not belong to shop, but shares its port'),
    );
  });
});

describe('what cannot be seen is not checked', () => {
  test('the owner of a socket of another user', () => {
    expect(judge([], { hidden: [8080] })).toEqual({
      problems: [],
      notChecked: [
        'the owner of port 8080: the ssh user may not see the process (ss -ltnp as root shows it)',
      ],
    });
  });

  test('a port that no process of the host holds, such as a published port without a proxy', () => {
    expect(judge([], {}, false)).toEqual({
      problems: [],
      notChecked: ['the owner of port 8080: no process of the host itself listens there'],
    });
  });

  test('what answers behind a proxy; the own port of the service is judged all the same', () => {
    const nginx = { ...stray, command: 'nginx', group: '/system.slice/nginx.service' };
    const own = { ...main, port: 3000 };
    expect(judge([nginx, own])).toEqual({
      problems: [],
      notChecked: ['the process behind port 8080: nginx (7) of nginx.service listens there'],
    });
    const leftover = { ...own, pid: 8, kin: false, invocation: earlier, sha: old };
    expect(judge([nginx, own, leftover]).problems).toEqual([
      'port 3000 is held by process 8 (node), which an earlier start of shop left behind and which ' +
        'runs in release bbbbbbbbbbbb. Stop it on the host: sudo kill 8',
    ]);
  });
});
