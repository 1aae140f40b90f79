import type { PlatformSpec } from '../platform.ts';
import type { VercelActivities } from './activities.ts';
import { longest } from './bounds.ts';
import { service } from './calls.ts';
import { effects } from './effects.ts';
import type { VercelEnvironment } from './schema.ts';
import { schema } from './schema.ts';
import { steps } from './steps.ts';
import type { VercelTarget } from './target.ts';

export type Vercel = {
  target: VercelTarget;
  environment: VercelEnvironment;
  activities: VercelActivities;
};

export const vercel: PlatformSpec<Vercel> = {
  schema,
  sites: ({ project, url }) => [{ name: `vercel ${project}`, url }],
  health: ({ project, url, health }) => [
    { name: `vercel ${project}`, url: new URL(health, url).href },
  ],
  places: (target) => [target],
  checkCommand: () => null,
  steps,
  effects,
  buildsOnWorker: false,
  longest,
  // Vercel's GitHub App reports a commit status with the name "Vercel". If one repository has
  // several projects, the name is "Vercel – PROJECT". Sources: public repositories that require or
  // filter this status, such as drussell23/JARVIS#21797 ("Vercel") and the list in
  // supabase/supabase ("Vercel – docs").
  buildChecks: ({ project }) => ['Vercel', `Vercel – ${project}`],
  service,
  webhook: true,
  keys: {
    marked: [
      { rule: 'vercel', pattern: /\bvc[piark]_[A-Za-z0-9_-]{20,}/g },
      { rule: 'vercel-blob', pattern: /\bvercel_blob_rw_[A-Za-z0-9]{8,}_[A-Za-z0-9]{16,}/g },
    ],
    named: ['vercel'],
    published: {},
  },
  summaries: {
    checkProduction: 'Vercel: check that nobody else deployed',
    pickDeployment: 'Vercel: find the build, or start one',
    awaitDeployment: 'Vercel: wait for the build',
    smokeDeployment: 'smoke at the address of the build',
    promoteDeployment: 'Vercel: promote',
    turnAutoAssignOff: 'Vercel: turn automatic domain assignment off',
    proveProduction: 'prove that production serves the deployment',
    rollBackProduction: 'Vercel: roll back to the previous release',
  },
  kinds: {
    checkProduction: 'read',
    pickDeployment: 'effect',
    awaitDeployment: 'read',
    smokeDeployment: 'read',
    promoteDeployment: 'effect',
    turnAutoAssignOff: 'effect',
    proveProduction: 'read',
    rollBackProduction: 'effect',
  },
};
