import type { PlatformSpec } from '../platform.ts';
import { sshCommand } from './address.ts';
import type { HostActivities } from './activities.ts';
import { longest } from './bounds.ts';
import { effects } from './effects.ts';
import type { VpsEnvironment } from './schema.ts';
import { schema } from './schema.ts';
import { steps } from './steps.ts';
import type { VpsTarget } from './target.ts';
import { targetOn } from './target-on.ts';

export type Vps = {
  target: VpsTarget;
  environment: VpsEnvironment;
  activities: HostActivities;
};

export const vps: PlatformSpec<Vps> = {
  schema,
  sites: ({ hosts }) => hosts.map(({ name, url }) => ({ name, url })),
  health: (target) =>
    target.hosts.map((host) => {
      const { pathname, search } = new URL(targetOn(target, host).health);
      return { name: host.name, url: new URL(`${pathname}${search}`, host.url).href };
    }),
  places: (target) => target.hosts.map((host) => ({ ...target, hosts: [host] })),
  checkCommand: ({ hosts: [host], identity }) => {
    const key = identity ? `-i ${identity} ` : '';
    const place = host ?? { port: 22, user: '', host: '' };
    return sshCommand(place, 'true').replace(/^ssh /, () => `ssh ${key}`);
  },
  steps,
  effects,
  buildsOnWorker: false,
  longest,
  buildChecks: () => [],
  service: null,
  webhook: false,
  keys: { marked: [], named: [], published: {} },
  summaries: {
    stageRelease: 'stage the release',
    switchRelease: 'switch to the release',
    restartService: 'restart the service',
    verifyHost: 'verify health',
    verifyStaysUp: 'verify that it stays up',
    rollBackHost: 'roll back to the previous release',
    pruneReleases: 'remove old releases',
  },
  kinds: {
    stageRelease: 'effect',
    switchRelease: 'effect',
    restartService: 'effect',
    verifyHost: 'read',
    verifyStaysUp: 'read',
    rollBackHost: 'effect',
    pruneReleases: 'effect',
  },
};
