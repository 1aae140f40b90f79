import type { FleetProject, ProjectSpec } from './fleet.ts';
import type { NorthflankOptions } from '../platforms/northflank/northflank.ts';
import type { Sandbox } from '../sandbox.ts';

const project = 'openclaw';
/**
 * The length of each state of a build, in milliseconds. A whole build takes about a second, so that
 * a test really has to wait for the build.
 */
const stepMs = 150;
const hourMs = 60 * 60_000;

const atNorthflank = ({ at }: ProjectSpec) => at === 'northflank';

/**
 * Returns the options of the Northflank stand-in, or {} if no project runs at Northflank. Each
 * project has one service. The hour of the call limit is divided by `timeScale`.
 */
export function northflankOf(
  specs: readonly ProjectSpec[],
  timeScale: number,
): { northflank?: Pick<NorthflankOptions, 'services' | 'hourMs'> } {
  const fleetProjects = specs.filter(atNorthflank);
  if (fleetProjects.length === 0) return {};
  const services = fleetProjects.map(({ name, service }) => ({
    id: name,
    project,
    repository: `acme/${name}`,
    disabledCD: true,
    stepMs,
    ...service,
  }));
  return { northflank: { services, hourMs: hourMs / timeScale } };
}

/**
 * Builds, pins and serves the first release. Then builds the later commits, as Northflank does
 * after a push.
 */
export async function seedNorthflank(
  { northflank }: Sandbox,
  spec: ProjectSpec,
  fleetProject: Pick<FleetProject, 'repository' | 'oldSha' | 'newSha' | 'laterSha'>,
): Promise<void> {
  if (!northflank || !atNorthflank(spec)) return;
  await northflank.seed(spec.name, fleetProject.oldSha);
  if (spec.merged === false) return;
  for (const sha of [fleetProject.newSha, fleetProject.laterSha].filter((one) => one !== null))
    northflank.onPush(fleetProject.repository, 'main', sha);
}

export const northflankEnvironment = (
  { northflank }: Sandbox,
  { name }: Pick<FleetProject, 'name'>,
) => ({
  platform: 'northflank',
  project,
  service: name,
  api: northflank?.address,
  url: northflank?.url(name),
  health: '/healthz',
  version: '/version',
  smoke: { auth: '/login', payments: '/pay', core: '/' },
});
