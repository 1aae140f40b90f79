import type { PlatformSpec } from '../platform.ts';
import type { NorthflankActivities } from './activities.ts';
import { longest } from './bounds.ts';
import { service } from './calls.ts';
import { effects } from './effects.ts';
import type { NorthflankEnvironment } from './schema.ts';
import { schema } from './schema.ts';
import { steps } from './steps.ts';
import type { NorthflankTarget } from './target.ts';

export type Northflank = {
  target: NorthflankTarget;
  environment: NorthflankEnvironment;
  activities: NorthflankActivities;
};

export const northflank: PlatformSpec<Northflank> = {
  schema,
  sites: ({ service, url }) => [{ name: `northflank ${service}`, url }],
  health: ({ service, url, health }) => [
    { name: `northflank ${service}`, url: new URL(health, url).href },
  ],
  places: (target) => [target],
  checkCommand: () => null,
  steps,
  effects,
  buildsOnWorker: false,
  longest,
  buildChecks: () => [],
  service,
  webhook: true,
  keys: {
    marked: [{ rule: 'northflank', pattern: /\bnf-eyJ[\w-]{10,}\.[\w-]{20,}(?:\.[\w-]{20,})?/g }],
    named: ['northflank', '\\bnf'],
    published: {},
  },
  summaries: {
    readBuilds: 'Northflank: read the builds of the commit',
    adoptBuild: "Northflank: take CI's build, or start one",
    awaitBuild: 'Northflank: wait for the build',
    checkUnmoved: 'Northflank: check that nobody else deployed',
    deployBuild: 'Northflank: deploy the build and pin it',
    verifyDeployment: 'Northflank: check rollout, containers, start-up log and health',
    rollBackDeployment: 'Northflank: pin the previous build and prove it',
  },
  kinds: {
    readBuilds: 'read',
    adoptBuild: 'effect',
    awaitBuild: 'read',
    checkUnmoved: 'read',
    deployBuild: 'effect',
    verifyDeployment: 'read',
    rollBackDeployment: 'effect',
  },
};
