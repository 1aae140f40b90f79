import type { Warrant } from '../../domain/deploy/plan.ts';
import { platformNames } from '../../domain/platforms/index.ts';
import { epochOf } from './epoch.ts';
import type { Input } from './guard-types.ts';
import type { OwnFacts } from './own-facts.ts';
import { refused } from './warrant.ts';

type Belief = {
  warrant: Warrant;
  facts: OwnFacts;
  direction: 'forward' | 'backward' | 'read';
  name: string;
};

/** The reads about the rollback target. All other reads are about the new release. */
const ofRollbackTarget = ['proveServed', 'probePreviousRelease'];

/**
 * Returns the input of a step with trusted facts. Replaces every fact that could choose a target.
 * Other parameters stay unchanged.
 */
export function believed(input: Input, { warrant, facts, direction, name }: Belief): Input {
  const rollsBack = direction === 'backward' || ofRollbackTarget.includes(name);
  const release = rollsBack ? (warrant.rollbackTarget ?? warrant.release) : warrant.release;
  const known: Input = {
    ...facts,
    deploy: warrant.deploy,
    release,
    rollbackTarget: warrant.rollbackTarget,
    startUpMs: facts.timing.startUpMs,
    live: warrant.liveId,
  };
  const { warrant: _, made: _made, watch, ...rest } = input;
  const trusted = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      Object.hasOwn(known, key) ? known[key] : value,
    ]),
  );
  return {
    ...trusted,
    ...(watch === undefined ? {} : { watch: watchOf(facts, watch) }),
    ...(input['host'] === undefined
      ? {}
      : { host: hostOf(facts, input['host']), epoch: epochOf(warrant, direction) }),
    ...(input['tree'] === undefined ? {} : { tree: treeOf(input['tree'], release.sha) }),
    ...(input['other'] === undefined ? {} : { other: otherOf(input['other'], warrant) }),
  };
}

/**
 * Matches the name of a platform's metric. No other value is accepted, because a host would run the
 * value as a pattern.
 */
const metric = new RegExp(`^(${platformNames.join('|')})\\.[a-z.]{1,40}$`);

function watchOf({ accessLog: own }: OwnFacts, given: unknown) {
  const watch = given as { accessLog?: unknown } | null;
  const asked = watch?.accessLog;
  return { ...watch, accessLog: typeof asked === 'string' && metric.test(asked) ? asked : own };
}

function hostOf({ target }: OwnFacts, given: unknown) {
  const { name } = (given ?? {}) as { name?: unknown };
  const host = 'hosts' in target ? target.hosts.find((one) => one.name === name) : undefined;
  if (!host) throw refused(`plimsoll.yaml has no host ${String(name).slice(0, 80)} at this place`);
  return host;
}

/** Returns the directory of a release. Its name must begin with the commit of the release. */
function treeOf(given: unknown, commit: string) {
  const good = typeof given === 'string' && new RegExp(`^${commit}(-[\\w.-]{1,60})?$`).test(given);
  if (!good) throw refused('the directory belongs to another release');
  return given;
}

/**
 * Returns the version that shares the traffic with the new version. Only the version that was live
 * before is allowed.
 */
function otherOf(given: unknown, { liveId, rollbackTarget }: Warrant) {
  if (given !== liveId && given !== rollbackTarget?.platformId)
    throw refused('the traffic would go to a version that was not live before this deploy');
  return given;
}
