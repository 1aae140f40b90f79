import type { Sandbox, SandboxOptions } from '../sandbox.ts';
import type { FleetProject, ProjectSpec } from './fleet.ts';

const bypass = 'let-plimsoll-in';

const onVercel = ({ at }: Pick<ProjectSpec, 'at'>) => at === 'vercel';

/** Returns the options of the Vercel stand-in, or {} if no project runs at Vercel. */
export function vercelOf(specs: readonly ProjectSpec[]): Pick<SandboxOptions, 'vercel'> {
  const projects = specs
    .filter(onVercel)
    .map(({ name }) => ({ name, repository: `acme/${name}`, autoAssign: false }));
  return projects.length > 0 ? { vercel: { projects, bypass } } : {};
}

/** Returns the environment variables that the worker process needs for Vercel. */
export const vercelEnv = ({ vercel, tokens }: Sandbox): Record<string, string> =>
  vercel ? { VERCEL_TOKEN: tokens.vercel ?? '', VERCEL_BYPASS: bypass } : {};

const named = ({ vercel }: Sandbox) => {
  if (!vercel) throw new Error('The sandbox has no Vercel stand-in.');
  return vercel;
};

/**
 * Makes the first release live. Then builds every later commit, as Vercel does after a push to
 * main.
 */
export async function seedVercel(
  sandbox: Sandbox,
  spec: ProjectSpec,
  fleetProject: Omit<FleetProject, 'hosts' | 'staging'>,
) {
  if (!onVercel(spec)) return;
  const vercel = named(sandbox);
  const { name, repository, oldSha } = fleetProject;
  await vercel.seed(name, oldSha);
  if (spec.merged === false) return;
  let from = oldSha;
  for (const to of [fleetProject.newSha, fleetProject.laterSha].filter((sha) => sha !== null)) {
    vercel.onPush({ repository, ref: 'refs/heads/main', from, to });
    from = to;
  }
}

export function vercelEnvironment(sandbox: Sandbox, { name }: Pick<FleetProject, 'name'>) {
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
