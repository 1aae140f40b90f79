import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../domain/activities.ts';
import { failures, finalFailures } from '../../domain/failures.ts';
import type { HostState, Target, VpsHost, VpsTarget } from '../../domain/plan.ts';
import { final } from '../lib/fail.ts';

type Inspect = Activities['inspectHosts'];

/** What every place of the target serves. Final: a host does not answer. */
export const inspectAll = (inspect: Inspect, target: Target): Promise<HostState[]> =>
  target.platform === 'vps' ? eachHost(inspect, target) : inspect({ target });

/** Every host on its own, so that the one that does not answer has a name. */
async function eachHost(inspectHosts: Inspect, target: VpsTarget): Promise<HostState[]> {
  const answers = await Promise.allSettled(
    target.hosts.map((host) => inspectHosts({ target: { ...target, hosts: [host] } })),
  );
  const lost = answers.flatMap((answer, index) => {
    const host = target.hosts[index];
    return answer.status === 'rejected' && host ? [{ host, reason: answer.reason as unknown }] : [];
  });
  const refusal = lost.find(({ reason }) => isFinal(reason));
  if (refusal) throw refusal.reason;
  if (lost.length > 0) throw unreachable(lost, target);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

const isFinal = (reason: unknown) =>
  reason instanceof ApplicationFailure && finalFailures.includes(reason.type ?? '');

function unreachable(lost: { host: VpsHost; reason: unknown }[], { identity }: VpsTarget) {
  const who = lost.map(({ host, reason }) => `${host.name} (${(reason as Error).message})`);
  const [first] = lost;
  const key = identity ? `-i ${identity} ` : '';
  const { port, user, host } = first?.host ?? { port: 22, user: '', host: '' };
  return final(
    failures.refused,
    `Nothing can be planned while a host does not answer: ${who.join('; ')}.\n` +
      `Nothing was touched. Check it: ssh ${key}-p ${port} ${user}@${host} true`,
  );
}
