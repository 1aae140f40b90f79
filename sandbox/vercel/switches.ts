import { enqueue } from './create.ts';
import type { Site } from './site.ts';
import type { Project } from './state.ts';

export const named = (site: Site, name: string): Project => {
  const project = site.projects.find((one) => one.name === name);
  if (!project) throw new Error(`The sandbox's Vercel has no project ${name}.`);
  return project;
};

/** What a person at Vercel's dashboard, or an outage, would do: no effect of ours. */
export const switches = (site: Site) => ({
  /** Holds builds or alias jobs until they are let go. */
  hold: (name: string, what: 'builds' | 'jobs') => named(site, name)[what].shut(),
  letGo: (name: string, what: 'builds' | 'jobs') => named(site, name)[what].open(),
  failNextMove: (name: string, how: 'fails' | 'fails-in-part') => {
    named(site, name).nextMove = how;
  },
  blockNextBuild: (name: string) => {
    named(site, name).nextBuild = 'blocked';
  },
  unblock: (name: string, id: string) => {
    const project = named(site, name);
    const deployment = project.deployments.find((one) => one.id === id);
    if (deployment?.state !== 'BLOCKED') throw new Error(`${id} is not blocked.`);
    deployment.state = 'QUEUED';
    return enqueue(site, project, deployment);
  },
  /** Builds that are there keep the value of their time. */
  setVariable: (name: string, key: string, value: string) => {
    const project = named(site, name);
    project.variables = project.variables.map((one) => (one.key === key ? { ...one, value } : one));
  },
  setAutoAssign: (name: string, on: boolean) => {
    named(site, name).autoAssign = on;
  },
  setRolling: (name: string, on: boolean) => {
    named(site, name).rolling = on;
  },
  setPaused: (name: string, on: boolean) => {
    named(site, name).paused = on;
  },
  /** How many listen to runtime logs now. */
  listening: (name: string) =>
    named(site, name).deployments.reduce((sum, one) => sum + one.site.rows.listening, 0),
  endLogs: (name: string) =>
    named(site, name).deployments.forEach(({ site: one }) => one.rows.end()),
  setProtection: (kind: Site['protection']) => {
    site.protection = kind;
  },
  setMayWrite: (may: boolean) => {
    site.mayWrite = may;
  },
  setObservability: (on: boolean) => {
    site.observability = on;
  },
});
