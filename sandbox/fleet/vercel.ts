import type { Sandbox, SandboxOptions } from '../sandbox.ts';
import type { Ship, ShipSpec } from '../fleet.ts';

const bypass = 'let-plimsoll-in';

const onVercel = ({ at }: Pick<ShipSpec, 'at'>) => at === 'vercel';

/** Nothing where no ship runs there. */
export function vercelOf(specs: readonly ShipSpec[]): Pick<SandboxOptions, 'vercel'> {
  const projects = specs
    .filter(onVercel)
    .map(({ name }) => ({ name, repository: `acme/${name}`, autoAssign: false }));
  return projects.length > 0 ? { vercel: { projects, bypass } } : {};
}

/** What the worker's environment has for it. */
export const vercelEnv = ({ vercel, tokens }: Sandbox): Record<string, string> =>
  vercel ? { VERCEL_TOKEN: tokens.vercel ?? '', VERCEL_BYPASS: bypass } : {};

const named = ({ vercel }: Sandbox) => {
  if (!vercel) throw new Error('the sandbox has no Vercel');
  return vercel;
};

/** The first release is live, and every commit that was pushed to main after it is built. */
export async function seedVercel(
  sandbox: Sandbox,
  spec: ShipSpec,
  ship: Omit<Ship, 'hosts' | 'staging'>,
) {
  if (!onVercel(spec)) return;
  const vercel = named(sandbox);
  const { name, repository, oldSha } = ship;
  await vercel.seed(name, oldSha);
  if (spec.merged === false) return;
  let from = oldSha;
  for (const to of [ship.newSha, ship.laterSha].filter((sha) => sha !== null)) {
    vercel.onPush({ repository, ref: 'refs/heads/main', from, to });
    from = to;
  }
}

export function vercelEnvironment(sandbox: Sandbox, { name }: Pick<Ship, 'name'>) {
  const vercel = named(sandbox);
  const [url] = vercel.origins(name);
  return {
    platform: 'vercel',
    project: name,
    team: vercel.team.slug,
    bypass: 'env:VERCEL_BYPASS',
    api: vercel.address,
    url,
    health: '/healthz',
    version: '/version',
    smoke: { auth: '/login', payments: '/pay', core: '/' },
  };
}
