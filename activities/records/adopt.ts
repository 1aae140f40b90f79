import type { Activities, Adoption } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { namespaces, plimsoll } from '../../domain/deploy/wire.ts';
import { adoptable } from '../../domain/drift/adoption.ts';
import type { DeployRequest, SignedRequest } from '../../domain/config/config.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { badRef, isPlainRef } from '../git/refuse.ts';
import { final } from '../lib/fail.ts';
import type { PlannerDeps } from '../plan/facts.ts';
import { inspectAll } from '../plan/inspect.ts';
import { findPlace } from '../plan/place.ts';
import { deployIdOf, refuseStale, requestKey, verifyRequest } from '../plan/request.ts';
import { planTarget, releaseOf } from '../plan/target.ts';

export type AdoptDeps = Pick<PlannerDeps, 'config' | 'inspectHosts' | 'now'> & {
  git: Pick<PlannerDeps['git'], 'resolve'>;
};

/** A request with this ref adopts the commit that the hosts serve now. */
const whatIsLive = 'live';

/**
 * Makes the activity that plans an adoption. The activity changes nothing. Throws a final failure
 * of type 'refused' or 'misconfigured' if the live release cannot be adopted. Throws a transient
 * failure if git or a host does not answer.
 */
export const createAdopt = (deps: AdoptDeps): Pick<Activities, 'planAdoption'> => ({
  planAdoption: ({ signed }) => withHeartbeat(() => planAdoption(deps, signed)),
});

async function planAdoption(deps: AdoptDeps, signed: SignedRequest): Promise<Adoption> {
  const { config: read, git, inspectHosts, now = Date.now } = deps;
  const config = read();
  const request = await verifyRequest(signed, config, namespaces.adopt);
  refuseStale(request, now());
  const { project, environment, ref, requestedBy, reason } = request;
  const place = findPlace(config, request);
  const target = planTarget(place);
  if (!isPlainRef(ref)) throw badRef(ref);
  const named = ref === whatIsLive ? null : await git.resolve(place.project.repository, ref);
  const live = await inspectAll(inspectHosts, target);
  const found = adoptable(live, named);
  if ('impossible' in found) throw cannot(request, found.impossible);
  const { sha } = found;
  // `resolve` throws if nobody pushed the commit. Plimsoll could not stage such a commit as a
  // rollback target.
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
    `The live release of ${project} ${environment} cannot be adopted: ${why}.\n` +
      'Nothing was touched. If you know the commit of this release, name it: ' +
      `${plimsoll} adopt ${project} ${environment} --ref COMMIT`,
  );
