import { failures } from '../../domain/failures.ts';
import type { HostState, Release, Target } from '../../domain/plan.ts';
import { chosenWayBack } from '../../domain/policy/chosen-way-back.ts';
import { wayBack } from '../../domain/policy/way-back.ts';
import type { DeployRequest } from '../../domain/schema.ts';
import { final } from '../lib/fail.ts';
import type { Memory } from './gather.ts';
import { releaseOf } from './target.ts';

type Facts = { live: HostState[]; target: Target; request: DeployRequest; memory: Memory };
type Found = {
  restoreTo: Release | null;
  notes: string[];
  /**
   * Commits since this one are shipped; null = all. Never the requester's choice: that one could hide whose
   * commits they are.
   */
  since: string | null;
};

/** Final refused: nothing could be made live on every host, or not what the requester chose. */
export function findWayBack({ live, target, request, memory }: Facts): Found {
  const { lastProven } = memory;
  const named = (sha: string) =>
    memory.released.find((release) => release.sha === sha) ?? releaseOf(sha, target);
  const usual = wayBack({ live, lastProven, named });
  const wanted = request.restoreTo;
  if (wanted === undefined) {
    if ('impossible' in usual) throw noWayBack(request, usual.impossible);
    return { ...reachable(usual, live), since: usual.restoreTo?.sha ?? null };
  }
  const chosen = chosenWayBack({ wanted, live, lastProven, named });
  if ('impossible' in chosen) throw notThatWay(request, chosen.impossible);
  return {
    ...reachable(chosen, live),
    since: 'impossible' in usual ? null : (usual.restoreTo?.sha ?? null),
  };
}

type Known = { restoreTo: Release | null; notes: string[] };

/** A platform that builds goes back by its own id: that of what is live, not of an older build of the commit. */
function reachable({ restoreTo, notes }: Known, live: HostState[]): Known {
  const [state] = live;
  const id = state?.sha === restoreTo?.sha ? state?.id : state?.ids?.[restoreTo?.sha ?? ''];
  if (!restoreTo || id === undefined) return { restoreTo, notes };
  return { restoreTo: { ...restoreTo, platformId: id }, notes };
}

const noWayBack = ({ project, environment }: DeployRequest, why: string) =>
  final(
    failures.refused,
    `${project} ${environment} has no way back: ${why}.\n` +
      'Nothing was touched. Bring all hosts to one release first, then deploy again; ' +
      `see what was released: npx --no plimsoll history ${project} ${environment}`,
  );

const notThatWay = ({ project, environment, restoreTo }: DeployRequest, why: string) =>
  final(
    failures.refused,
    `${project} ${environment} cannot go back to "${restoreTo}": ${why}.\n` +
      'Nothing was touched. Choose what is staged everywhere, or leave the choice out: ' +
      `npx --no plimsoll deploy ${project} ${environment} --restore-to COMMIT`,
  );
