import { stringify } from 'yaml';
import type { Config } from '../../../domain/config/config.ts';
import { parseConfig } from '../../../worker/config/config.ts';

const key = (end: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${end}`;

type Host = { address: string; hostKey: string; url: string };
type Input = { hosts?: Host[]; identity?: string; top?: Record<string, unknown> };

const nowhere: Host = {
  address: 'deploy@127.0.0.1:1',
  hostKey: `SHA256:${'A'.repeat(43)}`,
  url: 'http://127.0.0.1:1/',
};

export const configText = ({ hosts = [nowhere], identity, top = {} }: Input = {}): string =>
  stringify({
    sandbox: true,
    ...top,
    approvers: {
      ana: { keys: [key('DeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5')] },
      ben: { keys: [key('A8VUVF/dkqAj5CQztdTpVLZKrsqAj3BVejjSYHuYvdZ')] },
    },
    projects: {
      shop: {
        repository: 'http://127.0.0.1:1/acme/shop.git',
        github: 'acme/shop',
        tests: { required: ['unit'] },
        environments: {
          production: {
            platform: 'vps',
            hosts,
            ...(identity ? { identity } : {}),
            directory: '/srv/shop',
            service: 'shop',
            health: 'http://127.0.0.1:1/healthz',
            smoke: { auth: 'n/a: none', payments: 'n/a: none', core: '/' },
          },
        },
      },
    },
  });

export const configOf = (input: Input = {}): Config =>
  parseConfig(configText(input), 'plimsoll.yaml');
