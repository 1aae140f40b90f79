import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../domain/contract/activities.ts';
import { failures, finalFailures } from '../../domain/deploy/failures.ts';
import type { HostState, Target } from '../../domain/deploy/plan.ts';
import { specOf } from '../../domain/platforms/index.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';
import { final } from '../lib/fail.ts';

type Inspect = Activities['inspectHosts'];

/**
 * Returns the state of every host of the target. If a host does not answer and its platform has a
 * command to check a host, throws a final failure of type 'refused' with this command. Throws all
 * other failures unchanged.
 */
export async function inspectAll(inspect: Inspect, target: Target): Promise<HostState[]> {
  const spec = specOf(target);
  if (spec.checkCommand(target) === null) return await inspect({ target });
  const places = spec.places(target);
  const answers = await Promise.allSettled(places.map((place) => inspect({ target: place })));
  const lost = answers.flatMap((answer, index) => {
    const place = places[index];
    return answer.status === 'rejected' && place
      ? [{ place, reason: answer.reason as unknown }]
      : [];
  });
  const refusal = lost.find(({ reason }) => isFinal(reason));
  if (refusal) throw refusal.reason;
  const [first] = lost;
  if (first) throw unreachable(lost, spec.checkCommand(first.place) ?? '');
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

/**
 * The hosts that answered, and the hosts that did not answer. Each host that did not answer has a
 * reason.
 */
export type Seen = { live: HostState[]; silent: { host: string; why: string }[] };

/**
 * Inspects each host separately. So if one host does not answer, the other hosts are still read.
 */
export async function inspectEach(inspect: Inspect, target: Target): Promise<Seen> {
  const parts: Target[] = specOf(target).places(target);
  const answers = await Promise.allSettled(parts.map((part) => inspect({ target: part })));
  const live = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const silent = answers.flatMap((answer, at) => {
    const [site] = sitesOf(parts[at]!);
    return answer.status === 'rejected' && site
      ? [{ host: site.name, why: (answer.reason as Error).message }]
      : [];
  });
  return { live, silent };
}

const isFinal = (reason: unknown) =>
  reason instanceof ApplicationFailure && finalFailures.includes(reason.type ?? '');

function unreachable(lost: { place: Target; reason: unknown }[], command: string) {
  const who = lost.map(
    ({ place, reason }) => `${sitesOf(place)[0]?.name} (${(reason as Error).message})`,
  );
  return final(
    failures.refused,
    `Nothing can be planned while a host does not answer: ${who.join('; ')}.\n` +
      `Nothing was touched. Check the host: ${command}`,
  );
}
