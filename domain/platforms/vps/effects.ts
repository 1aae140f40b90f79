import type { VpsTarget } from './target.ts';
import type { EffectDeclaration } from '../platform.ts';

/** A call on a host consists of a step and the host, such as "stage deploy@one". */
export const effects: EffectDeclaration<VpsTarget> = {
  effects: ({ hosts, prepare, service }) =>
    hosts.flatMap(({ name: where }) => {
      const on = (...words: string[]) => words.map((word) => `${word} ${where}`);
      const staged = prepare ? on('stage', 'prepare') : on('stage');
      return [
        { ...forward, where, what: 'a staged release', calls: staged },
        {
          ...forward,
          where,
          what: `the current release, and a restart of ${service}`,
          calls: on('switch', 'restart'),
        },
        {
          when: 'trouble',
          where,
          what: 'the previous release made current, and a restart',
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
