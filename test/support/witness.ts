import type { Effect, FaultKind } from '../../sandbox/board.ts';
import type { Fleet } from '../../sandbox/fleet/fleet.ts';
import type { Message } from '../../sandbox/slack/state.ts';
import type { Truth } from '../../sandbox/truth.ts';

/** Reads the record of the sandbox's control plane over HTTP, as any program can do. */
export function createWitness(fleet: Fleet) {
  const ask = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    const reply = await fetch(`${fleet.sandbox.control.address}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${path} failed: ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  const seen = () => ask<{ effects: Effect[]; holding: number }>('/effects');
  return {
    fault: (service: string, match: string, kind: FaultKind, times = 1) =>
      ask('/faults', 'POST', { service, match, kind, times }),
    clearFaults: () => ask('/faults', 'DELETE'),
    release: () => ask('/release', 'POST', {}),
    holding: async () => (await seen()).holding,
    slackMessages: async () => (await ask<{ messages: Message[] }>('/slack')).messages,
    /** How often each effect happened on the project's hosts, repository and issues. */
    effectsOf: async (project: string) => {
      const { effects } = await seen();
      return countOf(effects.flatMap((effect) => belongsTo(fleet, project, effect)));
    },
    /** The commits that the project's hosts and services really serve, and the commit of main. */
    truthOf: async (project: string) => {
      const fleetProject = fleet.fleetProjects.find(({ name }) => name === project);
      const { hosts, repositories, ...platforms } = await ask<Truth>('/truth');
      const { northflank = [], vercel = [], cloudflare = [] } = platforms;
      const word = (sha: string | null | undefined) =>
        sha === fleetProject?.oldSha
          ? 'old'
          : sha === fleetProject?.newSha
            ? 'new'
            : (sha ?? 'nothing');
      const promoted = vercel
        .filter((it) => it.project === project)
        .flatMap((it) =>
          it.served.map((domain) => [word(it.liveSha), word(domain.running)].join(' ')),
        );
      const served = hosts
        .filter(({ host }) => fleetProject?.hosts.some(({ name }) => name === host))
        .map((it) => [word(it.current), word(it.running), word(it.served?.sha)].join(' '));
      const main = repositories.find(
        ({ repository }) => repository === fleetProject?.repository,
      )?.main;
      const known = main === fleetProject?.newSha || main === fleetProject?.oldSha;
      const services = northflank.filter(({ service }) => service === project);
      served.push(...services.map((it) => word(it.serves)));
      served.push(...promoted);
      const shares = cloudflare.filter(({ worker }) => worker === project);
      served.push(
        ...shares.flatMap(({ live }) =>
          live.map(({ running, percentage }) => `${word(running)} ${percentage} %`),
        ),
      );
      return { served, main: known ? word(main) : 'reverted' };
    },
  };
}

/**
 * Returns a list with the name of the effect, for example "shop-1 restart". The list is empty if
 * the effect does not belong to the project.
 */
function belongsTo(fleet: Fleet, project: string, { service, operation, detail }: Effect) {
  const fleetProject = fleet.fleetProjects.find(({ name }) => name === project);
  const [where = ''] = detail.split(' ');
  if (service === 'vps' && fleetProject?.hosts.some(({ name }) => name === where))
    return [`${where} ${operation}`];
  if (service === 'northflank' && where === project) return [`northflank ${operation}`];
  if (service === 'git' && detail.endsWith(`..${fleetProject?.newSha}`)) return ['git publish'];
  if (['vercel', 'cloudflare'].includes(service) && where === project)
    return [`${service} ${operation}`];
  const pushed = service === 'git' && fleetProject && detail.includes(` ${fleetProject.newSha}..`);
  const tracked = service === 'github' && where.startsWith(`${fleetProject?.repository}#`);
  return pushed || tracked ? [`${service} ${operation}`] : [];
}

const countOf = (names: string[]) => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const once = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 1]));
const onHosts = (hosts: string[], operations: string[]) =>
  hosts.flatMap((host) => operations.map((operation) => `${host} ${operation}`));

/** The effects of one release on these hosts. Each effect happens once. */
export const released = (...hosts: string[]) =>
  once(...onHosts(hosts, ['stage', 'switch', 'restart']));

/** The effects of a deploy that succeeded. Each effect happens once. */
export const shipped = (...hosts: string[]) => ({
  ...released(...hosts),
  ...once('github createComment', 'github updateIssue'),
});

/**
 * The effects of a deploy and its rollback on every host. There is a `git push` only if main was
 * reverted.
 */
export const thereAndBack = (hosts: string[], reverted: boolean) => ({
  ...once(...onHosts(hosts, ['stage']), ...(reverted ? ['git push'] : [])),
  ...Object.fromEntries(onHosts(hosts, ['switch', 'restart']).map((name) => [name, 2])),
});

export const untouched = {};
