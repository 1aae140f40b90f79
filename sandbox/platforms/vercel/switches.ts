import { enqueue } from './create.ts';
import { accessOf } from './roles.ts';
import type { Access, Role } from './roles.ts';
import type { Site } from './site.ts';
import type { Project } from './state.ts';

export const named = (site: Site, name: string): Project => {
  const project = site.projects.find((one) => one.name === name);
  if (!project) throw new Error(`The sandbox's Vercel has no project ${name}.`);
  return project;
};

/**
 * Makes functions that change the stand-in. They act like a person in Vercel's dashboard, or like
 * an outage. The board does not count these changes.
 */
export const switches = (site: Site, token: string) => ({
  /** Stops all builds or all alias jobs of the project until `letGo` is called. */
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
    if (deployment?.state !== 'BLOCKED') throw new Error(`The deployment ${id} is not blocked.`);
    deployment.state = 'QUEUED';
    return enqueue(site, project, deployment);
  },
  /** Changes the value of a variable. Existing deployments keep the old value. */
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
  /** Returns the number of clients that read runtime logs now. */
  listening: (name: string) =>
    named(site, name).deployments.reduce((sum, one) => sum + one.site.rows.listening, 0),
  endLogs: (name: string) =>
    named(site, name).deployments.forEach(({ site: one }) => one.rows.end()),
  setProtection: (kind: Site['protection']) => {
    site.protection = kind;
  },
  /** Changes the rights of Plimsoll's token. */
  setRole: (role: Role, more: Partial<Access> = {}) => {
    site.tokens.set(token, accessOf(role, more));
  },
  setMetrics: (how: Site['metrics']) => {
    site.metrics = how;
  },
  /**
   * Hides the jobs of type `promote` and `rollback` in projects. Real projects sometimes do not
   * show them.
   */
  hideMoves: (hide: boolean) => {
    site.hidesMoves = hide;
  },
  /** Changes the settings of a domain, as a person does in the dashboard. */
  setDomain: (name: string, domain: string, settings: Project['domainSettings'][string]) => {
    named(site, name).domainSettings[domain] = settings;
  },
});
