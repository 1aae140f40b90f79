import { timing } from '../../domain/deploy/timing.ts';
import { createVpsDriver } from '../../activities/platforms/vps/driver.ts';
import { openHost } from '../../activities/platforms/vps/ssh/on-host.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { deployRelease, startVpsFixture } from '../activities/platforms/vps/fixture.ts';
import { conforms } from './suite.ts';

conforms({
  platform: 'vps',
  environment: {
    platform: 'vps',
    hosts: [
      {
        address: 'deploy@shop.example:22',
        hostKey: `SHA256:${'A'.repeat(43)}`,
        url: 'https://shop.example',
        health: 'http://127.0.0.1:8081/healthz',
      },
      {
        address: 'deploy@two.example:22',
        hostKey: `SHA256:${'B'.repeat(43)}`,
        url: 'https://two.example',
      },
    ],
    directory: '/srv/shop',
    service: 'shop',
    health: 'http://127.0.0.1:8080/healthz',
    smoke: { auth: '/login', payments: '/pay', core: '/' },
  },
  async open() {
    const vpsFixture = await startVpsFixture({
      hosts: 2,
      trees: [samples.good(1), samples.good(2)],
    });
    const [old = '', next = ''] = vpsFixture.shas;
    for (const index of [0, 1]) await deployRelease(vpsFixture, old, { index });
    const { inspectHosts, ...activities } = vpsFixture.vps;
    return {
      ...{ target: vpsFixture.target, old, next, activities, effects: vpsFixture.effects },
      plan: { timing: { ...timing(1), startUpMs: 10_000 } },
      driver: createVpsDriver({ openHost, inspectHosts }),
      close: vpsFixture.stop,
    };
  },
});
