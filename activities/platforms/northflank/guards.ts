import type { Plan } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { Reach } from './connect.ts';
import type { DeploymentFact, ServiceFact } from './api/service.ts';
import type { HealthCheckFact, PortFact } from './api/shapes.ts';
import { nameOf } from './snapshot.ts';

type Shipping = Pick<Plan, 'branch' | 'github'>;
export type Guarded = {
  target: NorthflankTarget;
  plan: Shipping;
  service: ServiceFact;
  /** The service that makes the builds. It may be `service` itself. */
  builder: ServiceFact;
  deployment: DeploymentFact | null;
  ports: PortFact[];
  healthChecks: HealthCheckFact[];
};

/** Reads the facts for the guards, with four or five API calls. */
export async function readGuarded(
  reach: Reach,
  { target, ...plan }: Shipping & { target: NorthflankTarget },
): Promise<Guarded> {
  const [service, deployment, ports, healthChecks] = await Promise.all([
    reach.service.service(),
    reach.service.deployment(),
    reach.service.ports(),
    reach.service.healthChecks(),
  ]);
  const from = deployment?.from ?? target.service;
  const builder = from === target.service ? service : await reach.builder(from).service();
  return { target, plan, service, builder, deployment, ports, healthChecks };
}

/** Returns the reasons why a deploy must not begin. Each text ends with its remedy. */
export const guardProblems = (facts: Guarded): string[] => [
  ...shipsByItself(facts),
  ...pausedOrForeign(facts),
  ...buildsElsewhere(facts),
  ...wrongPort(facts),
  ...noReadiness(facts),
];

type Ships = Pick<Guarded, 'target' | 'service' | 'deployment'>;

/**
 * Returns the problems if Northflank deploys by itself. Every merge would then go live without
 * gates, approval and watch.
 */
export function shipsByItself({ target, service, deployment }: Ships): string[] {
  const name = nameOf(target);
  const cd = service.disabledCD
    ? []
    : [
        `${name} has CD on, so Northflank deploys unapproved merges by itself. ` +
          `Switch CD off on the page of ${target.project}/${target.service}, then deploy again.`,
      ];
  const unpinned =
    deployment?.buildSha === 'latest' && deployment.deployedSha !== null
      ? [
          `${name} is not pinned: it follows the newest build of ${deployment.branch ?? 'its branch'}, approved or not. ` +
            `Under "Deployment" of ${target.project}/${target.service} choose the build that is live` +
            `${deployment.buildId === null ? '' : ` (${deployment.buildId})`}, then deploy again.`,
        ]
      : [];
  return [...cd, ...unpinned];
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

function wrongPort({ target, ports }: Guarded): string[] {
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
 * Returns a problem if the port has no readiness probe. A release that never becomes ready would
 * then get the traffic.
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
