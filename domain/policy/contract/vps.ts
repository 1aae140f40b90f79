import type { VpsTarget } from '../../plan.ts';
import type { Terms } from '../contract.ts';

/** Of a host, in words: "stage deploy@one", which what counts on the host is called by. */
export const vps: Terms<VpsTarget> = {
  effects: ({ hosts, prepare, service }) =>
    hosts.flatMap(({ name: where }) => {
      const on = (...words: string[]) => words.map((word) => `${word} ${where}`);
      const staged = prepare ? on('stage', 'prepare') : on('stage');
      return [
        { ...forward, where, what: 'a staged release', calls: staged },
        {
          ...forward,
          where,
          what: `the release that is current; ${service} restarted`,
          calls: on('switch', 'restart'),
        },
        {
          when: 'trouble',
          where,
          what: 'the release before made current, restarted',
          calls: on('stage', 'prepare', 'switch', 'restart'),
        },
      ];
    }),
  inside: ({ hosts, health }) =>
    hosts.map((host) => ({
      url: host.health ?? health,
      what: `health, on ${host.name} itself`,
    })),
  paths: ({ version, heartbeat }) => [
    { path: version, what: 'the version' },
    { path: heartbeat, what: 'the heartbeat' },
  ],
};

const forward = { when: 'forward', always: true } as const;
