import type { Ship, ShipSpec } from '../fleet.ts';
import type { FileTree } from '../samples.ts';
import type { Sandbox } from '../sandbox.ts';
import { seedRelease } from '../seed.ts';
import { seedCloudflare } from './cloudflare.ts';
import { seedNorthflank } from './northflank.ts';
import { seedVercel } from './vercel.ts';

export const email = (name: string) => `${name}@example.com`;

export const hostNames = ({ name, hosts }: ShipSpec) =>
  Array.from({ length: hosts }, (_, index) => `${name}-${index + 1}`);

export const stagingNames = ({ name, staging }: ShipSpec) => (staging ? [`${name}-staging`] : []);

export const serviceOf = ({ name, folder }: ShipSpec) => ({
  unit: name,
  ...(folder ? { execStart: [process.execPath, `${folder}/server.mjs`] } : {}),
});

type Commits = Pick<Ship, 'repository' | 'oldSha' | 'newSha' | 'laterSha'>;
type Afloat = { specs: ShipSpec[]; ships: Ship[] };

/** Two commits: the first is live on every host, the second is what CI judged and what will be deployed. */
export async function launch(sandbox: Sandbox, spec: ShipSpec, afloat: Afloat): Promise<Ship> {
  const beside = afloat.ships.find(({ name }) => name === spec.beside);
  const { repository, oldSha, newSha, laterSha } =
    beside ?? (await build(sandbox, spec, afloat.specs));
  const named = (names: string[]) => sandbox.hosts.filter(({ name }) => names.includes(name));
  const [hosts, staging] = [named(hostNames(spec)), named(stagingNames(spec))];
  const bare = sandbox.git.repositories.path(repository);
  for (const host of [...hosts, ...staging]) await seedRelease(host, bare, oldSha);
  const ship = { name: spec.name, repository, oldSha, newSha, laterSha };
  await seedNorthflank(sandbox, spec, ship);
  await seedVercel(sandbox, spec, ship);
  await seedCloudflare(sandbox, spec, ship);
  return { ...ship, hosts, staging };
}

async function build(sandbox: Sandbox, spec: ShipSpec, specs: ShipSpec[]): Promise<Commits> {
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

const together = (specs: ShipSpec[], which: 'first' | 'next'): FileTree =>
  Object.fromEntries(
    specs.flatMap(({ folder, [which]: files }) =>
      Object.entries(files).map(([path, text]) => [folder ? `${folder}/${path}` : path, text]),
    ),
  );
