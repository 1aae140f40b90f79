import type { Plan } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { Reach } from './connect.ts';
import type { DeploymentFact, ServiceFact } from './api/service.ts';
import type { GradualRolloutFact, HealthCheckFact } from './api/shapes.ts';
import { nameOf } from './snapshot.ts';

type Shipping = Pick<Plan, 'branch' | 'github'>;
export type Guarded = {
  target: NorthflankTarget;
  plan: Shipping;
  service: ServiceFact;
  /** The service that makes the builds. It may be `service` itself. */
  builder: ServiceFact;
  deployment: DeploymentFact | null;
  healthChecks: HealthCheckFact[];
  gradual: GradualRolloutFact | null;
};

const minuteMs = 60_000;

/**
 * Makes the reads that only the proof of a release needs. So a missing permission is found before
 * the new release goes live. Throws the failures of these reads.
 */
export async function readAsTheProof({ service }: Pick<Reach, 'service'>): Promise<void> {
  const to = Date.now();
  await service.containers();
  await service.logs({ from: to - minuteMs, to, lines: 1 });
}

/**
 * Reads the facts for the guards, with at most seven API calls. Throws if the token lacks a
 * permission to read.
 */
export async function readGuarded(
  reach: Reach,
  { target, ...plan }: Shipping & { target: NorthflankTarget },
): Promise<Guarded> {
  const service = await reach.service.service();
  const [deployment, gradual] = await Promise.all([
    reach.service.deployment(),
    reach.service.gradualRollout(),
  ]);
  await readAsTheProof(reach);
  const healthChecks = service.healthChecks ?? (await reach.service.healthChecks());
  const from = deployment?.from ?? target.service;
  const builder = from === target.service ? service : await reach.builder(from).service();
  return { target, plan, service, builder, deployment, healthChecks, gradual };
}

/** Returns the reasons why a deploy must not begin. Each text ends with its remedy. */
export const guardProblems = (facts: Guarded): string[] => [
  ...shipsByItself(facts),
  ...reachesAShare(facts),
  ...pausedOrForeign(facts),
  ...buildsElsewhere(facts),
  ...wrongPort(facts),
  ...noReadiness(facts),
];

type Ships = Pick<Guarded, 'target' | 'service' | 'deployment'>;

/**
 * Returns a problem for each setting with which Northflank deploys new builds by itself. With such
 * a setting, every merge would go live without gates, approval and watch.
 */
export function shipsByItself({ target, service, deployment }: Ships): string[] {
  const name = nameOf(target);
  const page = `${target.project}/${target.service}`;
  const cd =
    service.disabledCD === false
      ? [
          `${name} has CD on, so Northflank automatically deploys unapproved merges. ` +
            `Switch CD off on the page of ${page}, then deploy again.`,
        ]
      : [];
  const unpinned =
    deployment?.buildSha === 'latest' && deployment.deployedSha !== null
      ? [
          `${name} is not pinned: it follows the newest build of ${deployment.branch ?? 'its branch'}, approved or not. ` +
            `Under "Deployment" of ${page} choose the build that is live` +
            `${deployment.buildId === null ? '' : ` (${deployment.buildId})`}, then deploy again.`,
        ]
      : [];
  const unknown =
    service.disabledCD === null && deployment !== null && !isPinned(deployment) && !unpinned.length
      ? [
          `${name}: Northflank does not report whether CD is off, and no build is pinned. ` +
            `Under "Deployment" of ${page} choose a build, then deploy again.`,
        ]
      : [];
  return [...cd, ...unpinned, ...unknown];
}

/** True if a build is pinned. Then no newer build replaces it, even if CD is on. */
const isPinned = ({ buildSha, buildId }: DeploymentFact) =>
  buildSha !== 'latest' && (buildSha !== null || buildId !== null);

type Gradual = Pick<Guarded, 'target' | 'service' | 'gradual'>;

/**
 * Returns a text about the share of traffic that the newer release of an active gradual rollout
 * gets.
 */
export const shareOf = ({ percent }: GradualRolloutFact) =>
  percent === null
    ? 'only requests with a certain header reach the newer release'
    : `only ${percent} % of the traffic reaches the newer release`;

/**
 * Returns a problem if a deploy would get only a share of the traffic. Only a person at Northflank
 * can end such a gradual rollout. Until then, Plimsoll cannot prove that the release is live.
 */
export function reachesAShare({ target, service, gradual }: Gradual): string[] {
  const name = nameOf(target);
  const active =
    gradual && !gradual.promoted
      ? [
          `${name} has an active gradual rollout: ${shareOf(gradual)}` +
            `${gradual.blocks ? ', and Northflank takes no new deploys meanwhile' : ''}. ` +
            'Promote it or roll it back at Northflank, then deploy again.',
        ]
      : [];
  const strategy =
    service.gradualStrategy === null
      ? []
      : [
          `${name} has the gradual rollout strategy ${service.gradualStrategy}, so a deploy would reach only a share of the traffic. ` +
            `Detach the strategy from ${target.project}/${target.service} at Northflank, then deploy again.`,
        ];
  return [...active, ...strategy];
}

function pausedOrForeign({ target, service, deployment }: Guarded): string[] {
  const name = nameOf(target);
  return [
    ...(service.paused
      ? [`${name} is paused: nothing runs. Resume it at Northflank, then deploy again.`]
      : []),
    ...(deployment === null
      ? [
          `${name} deploys an external image, whose commit Plimsoll cannot know. ` +
            'Let it deploy builds of this repository, then deploy again.',
        ]
      : []),
  ];
}

const repositoryOf = (url: string) =>
  /[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(url)?.[1]?.toLowerCase() ?? null;

function buildsElsewhere({ target, plan, builder }: Guarded): string[] {
  const name = nameOf(target);
  const { branch, repository } = builder;
  const built = repository === null ? null : repositoryOf(repository);
  const wanted = plan.github?.toLowerCase() ?? null;
  return [
    ...(branch !== null && branch !== plan.branch
      ? [
          `${name} builds the branch ${branch}, but this project deploys ${plan.branch}. ` +
            'Correct the branch at Northflank, or "branch" in plimsoll.yaml.',
        ]
      : []),
    ...(built !== null && wanted !== null && built !== wanted
      ? [
          `${name} builds ${built}, but this project is ${wanted}. ` +
            'Correct "project" and "service" in plimsoll.yaml.',
        ]
      : []),
  ];
}

function wrongPort({ target, service: { ports } }: Guarded): string[] {
  const { port } = target;
  if (ports.some((one) => one.port === port)) return [];
  const has = ports.map((one) => one.port);
  const classic = has.includes(8000) && port === 18789 ? ' (a common mistake)' : '';
  return [
    `${nameOf(target)} has no port ${port}. Its ports: ${has.join(', ') || 'none'}${classic}. ` +
      `Add port ${port} under "Ports & DNS" of the service, or correct "port" in plimsoll.yaml.`,
  ];
}

/**
 * Returns a problem if the port has no readiness probe. Without this probe, a release that never
 * becomes ready would get the traffic.
 */
function noReadiness({ target, healthChecks }: Guarded): string[] {
  const { port, health } = target;
  const probes = healthChecks.filter(({ type }) => type === 'readinessProbe');
  if (probes.some((one) => one.port === port || one.protocol === 'CMD')) return [];
  const elsewhere = probes.map((one) => one.port ?? 'an unknown port').join(', ');
  return [
    `${nameOf(target)} has ${elsewhere ? `its readiness probe on ${elsewhere}` : 'no readiness probe'}, ` +
      `so a release that never answers would get the traffic. ` +
      `Add a readiness probe under "Health checks": HTTP ${health} on port ${port}, then deploy again.`,
  ];
}
