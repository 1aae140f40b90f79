import type { Activities, Adoption } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import { namespaces, plimsoll } from '../domain/messages.ts';
import { adoptable } from '../domain/policy/adoption.ts';
import type { DeployRequest, SignedRequest } from '../domain/schema.ts';
import { pulse } from './git/pulse.ts';
import { badRef, isPlainRef } from './git/refuse.ts';
import { final } from './lib/fail.ts';
import type { PlannerDeps } from './plan/gather.ts';
import { inspectAll } from './plan/inspect.ts';
import { findPlace } from './plan/place.ts';
import { deployIdOf, refuseStale, requestKey, verifyRequest } from './plan/request.ts';
import { freezeTarget, releaseOf } from './plan/target.ts';

export type AdoptDeps = Pick<PlannerDeps, 'config' | 'inspectHosts' | 'now'> & {
  git: Pick<PlannerDeps['git'], 'resolve'>;
};

/** Of a request to adopt: whatever the hosts say is live. */
export const whatIsLive = 'live';

/** Final: refused, misconfigured. Transient: git or a host did not answer. Reads only. */
export const createAdopt = (deps: AdoptDeps): Pick<Activities, 'planAdoption'> => ({
  planAdoption: ({ signed }) => pulse(() => planAdoption(deps, signed)),
});

async function planAdoption(deps: AdoptDeps, signed: SignedRequest): Promise<Adoption> {
  const { config: read, git, inspectHosts, now = Date.now } = deps;
  const config = read();
  const request = await verifyRequest(signed, config, namespaces.adopt);
  refuseStale(request, now());
  const { project, environment, ref, requestedBy, reason } = request;
  const place = findPlace(config, request);
  const target = freezeTarget(place);
  if (!isPlainRef(ref)) throw badRef(ref);
  const named = ref === whatIsLive ? null : await git.resolve(place.project.repository, ref);
  const live = await inspectAll(inspectHosts, target);
  const found = adoptable(live, named);
  if ('impossible' in found) throw cannot(request, found.impossible);
  const { sha } = found;
  // A commit that was never pushed could not be staged as the way back.
  await git.resolve(place.project.repository, sha);
  return {
    key: requestKey(request),
    deploy: { deployId: deployIdOf(request), project, environment, sha },
    target,
    release: releaseOf(sha, target),
    hosts: live.map(({ host, foreign }) => ({ host, path: foreign?.path ?? null })),
    requestedBy,
    reason,
  };
}

const cannot = ({ project, environment }: DeployRequest, why: string) =>
  final(
    failures.refused,
    `What is live in ${project} ${environment} cannot be adopted: ${why}.\n` +
      'Nothing was touched. If you know its commit, name it: ' +
      `${plimsoll} adopt ${project} ${environment} --ref COMMIT`,
  );
