import { failures } from '../../domain/deploy/failures.ts';
import type { HostState, Release, Target } from '../../domain/deploy/plan.ts';
import { chosenRollbackTarget } from '../../domain/rollback/chosen-rollback-target.ts';
import { usualRollbackTarget } from '../../domain/rollback/rollback-target.ts';
import type { DeployRequest } from '../../domain/config/config.ts';
import { final } from '../lib/fail.ts';
import type { Memory } from './facts.ts';
import { releaseOf } from './target.ts';

type Facts = { live: HostState[]; target: Target; request: DeployRequest; memory: Memory };
type Found = {
  rollbackTarget: Release | null;
  notes: string[];
  /**
   * The commits of this deploy are the commits after `since`. null means that all commits belong to
   * the deploy. The requester cannot choose `since`, because a wrong choice would hide commits and
   * their authors from the approvers.
   */
  since: string | null;
};

/**
 * Finds the rollback target. This is the release that the requester chose. If the requester chose
 * none, this is the usual release. Throws a final failure of type 'refused' if a rollback to this
 * release is impossible.
 */
export function findRollbackTarget({ live, target, request, memory }: Facts): Found {
  const { lastProven } = memory;
  const named = (sha: string) =>
    memory.released.find((release) => release.sha === sha) ?? releaseOf(sha, target);
  const usual = usualRollbackTarget({ live, lastProven, named });
  const wanted = request.rollbackTarget;
  if (wanted === undefined) {
    if ('impossible' in usual) throw noRollbackTarget(request, usual.impossible);
    return { ...reachable(usual, live), since: usual.rollbackTarget?.sha ?? null };
  }
  const chosen = chosenRollbackTarget({ wanted, live, lastProven, named });
  if ('impossible' in chosen) throw notThatWay(request, chosen.impossible);
  return {
    ...reachable(chosen, live),
    since: 'impossible' in usual ? null : (usual.rollbackTarget?.sha ?? null),
  };
}

type Known = { rollbackTarget: Release | null; notes: string[] };

/**
 * Adds the platform's id of the rollback target. A platform that makes builds needs this id for a
 * rollback. A commit may have several builds. If the commit of the rollback target is live, adds
 * the id of the live build.
 */
function reachable({ rollbackTarget, notes }: Known, live: HostState[]): Known {
  const [state] = live;
  const id =
    state?.sha === rollbackTarget?.sha ? state?.id : state?.ids?.[rollbackTarget?.sha ?? ''];
  if (!rollbackTarget || id === undefined) return { rollbackTarget, notes };
  return { rollbackTarget: { ...rollbackTarget, platformId: id }, notes };
}

const noRollbackTarget = ({ project, environment }: DeployRequest, why: string) =>
  final(
    failures.refused,
    `${project} ${environment} has no rollback target: ${why}.\n` +
      'Nothing was touched. Bring all hosts to one release first, then deploy again. ' +
      `To see earlier releases: plimsoll history ${project} ${environment}`,
  );

const notThatWay = ({ project, environment, rollbackTarget }: DeployRequest, why: string) =>
  final(
    failures.refused,
    `${project} ${environment} cannot roll back to "${rollbackTarget}": ${why}.\n` +
      'Nothing was touched. Omit --rollback-target, or choose a release that is staged on every host: ' +
      `plimsoll deploy ${project} ${environment} --rollback-target COMMIT`,
  );
