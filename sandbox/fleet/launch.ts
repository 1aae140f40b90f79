import type { FleetProject, ProjectSpec } from './fleet.ts';
import type { FileTree } from '../samples/samples.ts';
import type { Sandbox } from '../sandbox.ts';
import { seedRelease } from '../seed.ts';
import { seedCloudflare } from './cloudflare.ts';
import { seedNorthflank } from './northflank.ts';
import { seedVercel } from './vercel.ts';

export const email = (name: string) => `${name}@example.com`;

export const hostNames = ({ name, hosts }: ProjectSpec) =>
  Array.from({ length: hosts }, (_, index) => `${name}-${index + 1}`);

export const stagingNames = ({ name, staging }: ProjectSpec) =>
  staging ? [`${name}-staging`] : [];

export const serviceOf = ({ name, folder }: ProjectSpec) => ({
  unit: name,
  ...(folder ? { execStart: [process.execPath, `${folder}/server.mjs`] } : {}),
});

type Commits = Pick<FleetProject, 'repository' | 'oldSha' | 'newSha' | 'laterSha'>;
type Launched = { specs: ProjectSpec[]; fleetProjects: FleetProject[] };

/**
 * Makes the commits of a project and deploys the first commit. The second commit is the release to
 * deploy. `spec.checks` is the result of CI for the later commits.
 */
export async function launch(
  sandbox: Sandbox,
  spec: ProjectSpec,
  launched: Launched,
): Promise<FleetProject> {
  const beside = launched.fleetProjects.find(({ name }) => name === spec.beside);
  const { repository, oldSha, newSha, laterSha } =
    beside ?? (await build(sandbox, spec, launched.specs));
  const named = (names: string[]) => sandbox.hosts.filter(({ name }) => names.includes(name));
  const [hosts, staging] = [named(hostNames(spec)), named(stagingNames(spec))];
  const bare = sandbox.git.repositories.path(repository);
  for (const host of [...hosts, ...staging]) await seedRelease(host, bare, oldSha);
  const fleetProject = { name: spec.name, repository, oldSha, newSha, laterSha };
  await seedNorthflank(sandbox, spec, fleetProject);
  await seedVercel(sandbox, spec, fleetProject);
  await seedCloudflare(sandbox, spec, fleetProject);
  return { ...fleetProject, hosts, staging };
}

async function build(sandbox: Sandbox, spec: ProjectSpec, specs: ProjectSpec[]): Promise<Commits> {
  const { name, checks } = spec;
  const repository = `acme/${name}`;
  const author = { name: 'Casey', email: email('casey') };
  const branch = spec.merged === false ? 'next' : 'main';
  const later = spec.later && { files: spec.later, message: `${name}: one more`, author };
  const all = [spec, ...specs.filter(({ beside }) => beside === name)];
  const next = `${name}: the next release\n\nFixes #1`;
  const shas = await sandbox.git.createRepository(repository, [
    { files: together(all, 'first'), message: `${name}: the release before`, author },
    { files: together(all, 'next'), message: next, author, branch },
    ...(later ? [later] : []),
  ]);
  const [oldSha = '', newSha = '', laterSha = null] = shas;
  sandbox.github.createIssue(repository, { title: `${name} needs a new release` });
  if (checks !== 'none') {
    const run = { name: 'ci', status: 'completed', conclusion: checks } as const;
    for (const sha of shas.slice(1)) sandbox.github.setCheckRun(repository, sha, run);
  }
  return { repository, oldSha, newSha, laterSha };
}

const together = (specs: ProjectSpec[], which: 'first' | 'next'): FileTree =>
  Object.fromEntries(
    specs.flatMap(({ folder, [which]: files }) =>
      Object.entries(files).map(([path, text]) => [folder ? `${folder}/${path}` : path, text]),
    ),
  );
