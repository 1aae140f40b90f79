import type { Outcome } from '../../domain/plan.ts';
import type { Fleet, Ship } from '../fleet.ts';
import type { Truth } from '../truth.ts';
import type { Leg } from './scenario.ts';

type Claim = Pick<Leg, 'environment'> & { ship: Ship; outcome: Outcome };

/** Asks the control plane what is really served and what main is. Throws when it is not what the outcome says. */
export async function proveTruth(fleet: Fleet, claim: Claim): Promise<string> {
  const { ship, environment, outcome } = claim;
  const truth = await askTruth(fleet);
  const kept = outcome === 'succeeded' || outcome === 'unproven';
  const expected = kept ? ship.newSha : ship.oldSha;
  const hosts = environment === 'staging' ? ship.staging : ship.hosts;
  const names = new Set(hosts.map((host) => host.name));
  for (const { host, running, served } of truth.hosts.filter((it) => names.has(it.host))) {
    if (running !== expected || served?.sha !== expected)
      throw new Error(`${host} serves ${served?.sha} (process ${running}), not ${expected}`);
  }
  const places = placesOf(ship, truth);
  for (const { name, running } of places)
    if (running !== expected) throw new Error(`${name} serves ${running}, not ${expected}`);
  const repository = truth.repositories.find((it) => it.repository === ship.repository);
  const reverted = repository?.main !== (ship.laterSha ?? ship.newSha);
  if (reverted !== (outcome === 'rolled-back' && environment === 'production'))
    throw new Error(`main of ${ship.repository} is ${repository?.main}`);
  const what = expected === ship.newSha ? 'new release' : 'old release';
  const where = places[0]?.where ?? 'on every host';
  return `${what} ${where}${reverted ? ', main reverted' : ''}`;
}

const mostTries = 5;

/** On a busy machine a look may have no answer in its two seconds: that is asked again, a wrong one never. */
async function askTruth({ sandbox }: Fleet): Promise<Truth> {
  for (let tries = 1; ; tries += 1) {
    const answer = await fetch(`${sandbox.control.address}/truth`);
    const truth = (await answer.json()) as Truth;
    if (tries === mostTries || truth.hosts.every(({ served }) => served !== null)) return truth;
  }
}

type Place = { where: string; name: string; running: string | null };

/** What really runs at its platform; none for a ship on hosts. */
function placesOf(ship: Ship, { northflank = [], vercel = [], cloudflare = [] }: Truth): Place[] {
  const containers = northflank
    .filter(({ service }) => service === ship.name)
    .map(({ service, serves }) => ({ name: service, running: serves }));
  const domains = vercel
    .filter(({ project }) => project === ship.name)
    .flatMap(({ served }) => served.map(({ domain, running }) => ({ name: domain, running })));
  const versions = cloudflare
    .filter(({ worker }) => worker === ship.name)
    .flatMap(({ live }) => live.map(({ id, running }) => ({ name: `version ${id}`, running })));
  const at = (where: string, all: Omit<Place, 'where'>[]) => all.map((it) => ({ where, ...it }));
  return [
    ...at('in every container', containers),
    ...at('at every domain', domains),
    ...at('for everybody', versions),
  ];
}
