import type { Outcome } from '../../domain/plan.ts';
import type { Fleet, Ship } from '../fleet.ts';
import type { NorthflankTruth } from '../northflank/service.ts';
import type { RepositoryTruth } from '../git-host-repositories.ts';
import type { VercelTruth } from '../vercel/truth.ts';
import type { HostTruth } from '../vps/truth.ts';
import type { Leg } from './scenario.ts';

type Truth = {
  hosts: HostTruth[];
  repositories: RepositoryTruth[];
  northflank?: NorthflankTruth[];
  vercel?: VercelTruth[];
};
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
  for (const { service, serves } of (truth.northflank ?? []).filter(
    (it) => it.service === ship.name,
  ))
    if (serves !== expected) throw new Error(`${service} serves ${serves}, not ${expected}`);
  for (const { served } of (truth.vercel ?? []).filter((it) => it.project === ship.name))
    for (const { domain, running } of served)
      if (running !== expected) throw new Error(`${domain} serves ${running}, not ${expected}`);
  const repository = truth.repositories.find((it) => it.repository === ship.repository);
  const reverted = repository?.main !== (ship.laterSha ?? ship.newSha);
  if (reverted !== (outcome === 'rolled-back' && environment === 'production'))
    throw new Error(`main of ${ship.repository} is ${repository?.main}`);
  const what = expected === ship.newSha ? 'new release' : 'old release';
  const where = placesOf(ship, truth);
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

function placesOf({ hosts, name }: Ship, { vercel = [] }: Truth): string {
  if (hosts.length > 0) return 'on every host';
  return vercel.some(({ project }) => project === name) ? 'at every domain' : 'in every container';
}
