import type { Outcome } from '../../domain/deploy/plan.ts';
import type { Fleet, FleetProject } from '../fleet/fleet.ts';
import type { Truth } from '../truth.ts';
import type { ScenarioDeploy } from './scenario.ts';

type Claim = Pick<ScenarioDeploy, 'environment'> & { fleetProject: FleetProject; outcome: Outcome };

/**
 * Asks the control plane which commit is really served, and to which commit the branch main points.
 * Throws if the answer contradicts the outcome. Returns a short text for the summary.
 */
export async function proveTruth(fleet: Fleet, claim: Claim): Promise<string> {
  const { fleetProject, environment, outcome } = claim;
  const truth = await askTruth(fleet);
  const kept = outcome === 'succeeded' || outcome === 'unproven';
  const expected = kept ? fleetProject.newSha : fleetProject.oldSha;
  const hosts = environment === 'staging' ? fleetProject.staging : fleetProject.hosts;
  const names = new Set(hosts.map((host) => host.name));
  for (const { host, running, served } of truth.hosts.filter((it) => names.has(it.host))) {
    if (running !== expected || served?.sha !== expected)
      throw new Error(
        `The host ${host} serves ${served?.sha} and runs ${running}. Both must be ${expected}.`,
      );
  }
  const places = placesOf(fleetProject, truth);
  for (const { name, running } of places)
    if (running !== expected)
      throw new Error(`${name} serves ${running}. It must serve ${expected}.`);
  const repository = truth.repositories.find((it) => it.repository === fleetProject.repository);
  const reverted = repository?.main !== (fleetProject.laterSha ?? fleetProject.newSha);
  if (reverted !== (outcome === 'rolled-back' && environment === 'production'))
    throw new Error(
      `The branch main of ${fleetProject.repository} is at ${repository?.main}. ` +
        `This contradicts the outcome ${outcome}.`,
    );
  const what = expected === fleetProject.newSha ? 'new release' : 'old release';
  const where = places[0]?.where ?? 'on every host';
  return `${what} ${where}${reverted ? ', main reverted' : ''}`;
}

const mostTries = 5;

/**
 * Returns the real state. On a busy machine, a host can need more than two seconds to answer. If a
 * host gives no answer, asks the control plane again. Asks at most 5 times in all. If a host gives
 * a wrong answer, does not ask again.
 */
async function askTruth({ sandbox }: Fleet): Promise<Truth> {
  for (let tries = 1; ; tries += 1) {
    const answer = await fetch(`${sandbox.control.address}/truth`);
    const truth = (await answer.json()) as Truth;
    if (tries === mostTries || truth.hosts.every(({ served }) => served !== null)) return truth;
  }
}

type Place = { where: string; name: string; running: string | null };

/**
 * Returns the commits that really run at the platform of the project. For a project on hosts, the
 * list is empty.
 */
function placesOf(
  fleetProject: FleetProject,
  { northflank = [], vercel = [], cloudflare = [] }: Truth,
): Place[] {
  const containers = northflank
    .filter(({ service }) => service === fleetProject.name)
    .map(({ service, serves }) => ({ name: service, running: serves }));
  const domains = vercel
    .filter(({ project }) => project === fleetProject.name)
    .flatMap(({ served }) => served.map(({ domain, running }) => ({ name: domain, running })));
  const versions = cloudflare
    .filter(({ worker }) => worker === fleetProject.name)
    .flatMap(({ live }) => live.map(({ id, running }) => ({ name: `version ${id}`, running })));
  const at = (where: string, all: Omit<Place, 'where'>[]) => all.map((it) => ({ where, ...it }));
  return [
    ...at('in every container', containers),
    ...at('at every domain', domains),
    ...at('for everybody', versions),
  ];
}
