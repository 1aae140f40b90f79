import type { Ship, ShipSpec } from '../fleet.ts';
import type { NorthflankOptions } from '../northflank.ts';
import type { Sandbox } from '../sandbox.ts';

const project = 'openclaw';
/** A build takes a second: long enough to be waited for. */
const stepMs = 150;
const hourMs = 60 * 60_000;

const atNorthflank = ({ at }: ShipSpec) => at === 'northflank';

/** One service for each ship that is there; undefined where none is. Its hour of calls is scaled like all time. */
export function northflankOf(
  specs: readonly ShipSpec[],
  timeScale: number,
): { northflank?: Pick<NorthflankOptions, 'services' | 'hourMs'> } {
  const ships = specs.filter(atNorthflank);
  if (ships.length === 0) return {};
  const services = ships.map(({ name, service }) => ({
    id: name,
    project,
    repository: `acme/${name}`,
    disabledCD: true,
    stepMs,
    ...service,
  }));
  return { northflank: { services, hourMs: hourMs / timeScale } };
}

/** The release before is built, pinned and served; of the others CI heard when they were merged. */
export async function seedNorthflank(
  { northflank }: Sandbox,
  spec: ShipSpec,
  ship: Pick<Ship, 'repository' | 'oldSha' | 'newSha' | 'laterSha'>,
): Promise<void> {
  if (!northflank || !atNorthflank(spec)) return;
  await northflank.seed(spec.name, ship.oldSha);
  if (spec.merged === false) return;
  for (const sha of [ship.newSha, ship.laterSha].filter((one) => one !== null))
    northflank.onPush(ship.repository, 'main', sha);
}

export const northflankEnvironment = ({ northflank }: Sandbox, { name }: Pick<Ship, 'name'>) => ({
  platform: 'northflank',
  project,
  service: name,
  api: northflank?.address,
  url: northflank?.url(name),
  health: '/healthz',
  version: '/version',
  smoke: { auth: '/login', payments: '/pay', core: '/' },
});
