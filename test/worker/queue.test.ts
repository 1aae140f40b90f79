import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../worker/config/config.ts';
import { taskQueue } from '../../worker/queue.ts';

const key = (letter: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA${letter.repeat(42).slice(0, 42)}`;
const config = (address: string, more: object = {}) =>
  parseConfig(
    stringify({
      authorship: 'git',
      approvers: { ana: { keys: [key('A')] }, ben: { keys: [key('B')] } },
      projects: {
        shop: {
          repository: 'http://127.0.0.1:3001/shop.git',
          tests: { required: ['test'] },
          environments: {
            production: {
              platform: 'vps',
              hosts: [{ address, hostKey: `SHA256:${'x'.repeat(43)}`, url: 'http://127.0.0.1/' }],
              directory: '/srv/shop',
              service: 'shop',
              health: 'http://127.0.0.1:3000/',
              smoke: { auth: '/login', payments: 'n/a: none', core: '/' },
            },
          },
        },
      },
      ...more,
    }),
    'plimsoll.yaml',
  );

it('a queue is named by twelve digits of its endpoints and its kind', () => {
  expect(taskQueue(config('deploy@127.0.0.1'))).toMatch(/^plimsoll-[0-9a-f]{12}-production$/);
});

it('a sandbox never shares a queue with production', () => {
  const [real, play] = [config('a@127.0.0.1'), config('a@127.0.0.1', { sandbox: true })];
  expect(taskQueue(play)).toMatch(/^plimsoll-[0-9a-f]{12}-sandbox$/);
  expect(taskQueue(play).slice(0, 21)).not.toBe(taskQueue(real).slice(0, 21));
});

it('another endpoint is another queue, other people are not', () => {
  const queue = taskQueue(config('a@127.0.0.1'));
  expect(taskQueue(config('a@127.0.0.2'))).not.toBe(queue);
  const requesters = { agent: { keys: [key('C')] } };
  expect(taskQueue(config('a@127.0.0.1', { requesters }))).toBe(queue);
});
