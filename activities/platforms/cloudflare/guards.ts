import { posix } from 'node:path';
import type { PlanOn } from '../../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { Builder } from '../../builds/builder.ts';
import type { Git } from '../../git/git.ts';
import { besideWrangler } from './find-wrangler.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { committedModules } from './tree.ts';
import { ofRoutes } from './routes.ts';
import { see } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { objectsOf, readWranglerFile } from './wrangler-file.ts';
import type { WranglerFile } from './wrangler-file.ts';

export type Guarding = {
  at: At;
  git: Pick<Git, 'readFile' | 'treeOf'>;
  builder: Pick<Builder, 'isolation'>;
};
export type Reading = Pick<Guarding, 'at'> & { git: Pick<Git, 'readFile'> };
type Planned = Pick<PlanOn<CloudflareTarget>, 'target' | 'sha'>;

/**
 * Returns the problems that would make this deploy unsafe or impossible. Each text ends with its
 * remedy.
 */
export async function guards(
  { at, git, builder }: Guarding,
  { target, sha }: Planned,
): Promise<string[]> {
  const [wrangler, isolation, modules, worker, file] = await Promise.all([
    ofWrangler(),
    ofBuilder(builder),
    ofModules(git, target, sha),
    ofWorker(at),
    readWranglerFile(git, target, sha),
  ]);
  const first = [...wrangler, ...isolation, ...modules, ...worker];
  if ('problem' in file) return [...first, `${nameOf(target)}: ${file.problem}`];
  const [unbuilt, routes] = await Promise.all([
    ofMain(git, target, { sha, file }),
    ofRoutes(at, file),
  ]);
  return [...first, ...ofFile(target, file), ...unbuilt, ...routes];
}

/**
 * Returns a problem if wrangler is missing or too old. Plimsoll cannot roll back without wrangler.
 */
export const ofWrangler = () =>
  besideWrangler().then(
    () => [],
    (failure: Error) => [failure.message.replaceAll('\n', ' ')],
  );

/** Returns a problem if code of a commit cannot be isolated on this machine. */
export async function ofBuilder(builder: Pick<Builder, 'isolation'>): Promise<string[]> {
  const isolation = await builder.isolation();
  return isolation.kind === 'missing' ? [isolation.why] : [];
}

/**
 * Returns a problem if the commit contains node_modules in the Worker's directory or in a parent
 * directory. Programs in such a directory would run, although no lock file names them.
 */
async function ofModules(
  git: Guarding['git'],
  { repository, directory }: CloudflareTarget,
  sha: string,
): Promise<string[]> {
  const parts = directory.split('/').filter(Boolean);
  const paths = [...parts.map((_, n) => parts.slice(0, parts.length - n)), []].map((above) =>
    posix.join(...above, 'node_modules'),
  );
  const found = await Promise.all(
    paths.map(async (path) => ((await git.treeOf(repository, sha, [path])) === '' ? [] : [path])),
  );
  return found.flat().map(committedModules);
}

/**
 * Returns a problem if two versions of the Worker share the traffic, or if a gradual rollout is
 * configured and versions have no address. Throws a final failure of type 'misconfigured' if
 * Cloudflare refuses the token.
 */
export async function ofWorker(at: At): Promise<string[]> {
  await at.client.verifyToken();
  const snapshot = await see(at);
  return [...ofShares(at.target, snapshot), ...(await ofPreviews(at, snapshot))];
}

function ofShares(target: CloudflareTarget, { shares, id }: Snapshot): string[] {
  if (shares.length < 2) return [];
  const shareTexts = shares.map(({ versionId, percentage }) => `${versionId} ${percentage} %`);
  return [
    `${nameOf(target)}: two versions share the traffic (${shareTexts.join(', ')}), so there is no single release to roll back to. ` +
      `Give one version all traffic first: npx wrangler versions deploy ${id}@100 --name ${target.worker} --yes`,
  ];
}

/**
 * Returns a problem if the rollout is gradual and versions have no address of their own. Without
 * the address, Plimsoll cannot test a version before the version gets traffic.
 */
async function ofPreviews({ target, client }: At, { id }: Snapshot): Promise<string[]> {
  if (target.rollout !== 'gradual' || id === null || (await client.subdomain()).previews) return [];
  return [
    `${nameOf(target)}: its versions have no address of their own, ` +
      'so Plimsoll cannot test a version before it gets traffic. ' +
      'Set preview_urls: true in its wrangler file and deploy that commit with ' +
      'rollout: all-at-once. Or use rollout: all-at-once for every deploy.',
  ];
}

function ofFile(target: CloudflareTarget, file: WranglerFile): string[] {
  const { worker } = target;
  const { path, name, account } = file;
  return [
    ...ofObjects(target, file),
    ...file.creates.map((problem) => `${nameOf(target)}: ${problem}`),
    ...(name === null || name === worker
      ? []
      : [
          `${nameOf(target)}: ${path} belongs to the worker ${name}, not to ${worker}. ` +
            'Correct "directory", "worker" or "env" in plimsoll.yaml.',
        ]),
    ...(account === null || account === target.account
      ? []
      : [
          `${nameOf(target)}: ${path} has the account_id ${account}, but plimsoll.yaml has ` +
            `the account ${target.account}. wrangler would use the account in ${path}. Make both the same.`,
        ]),
  ];
}

/**
 * Returns a problem if a Worker with Durable Objects has a gradual rollout. Cloudflare gives the
 * versions of such a Worker no address. So Plimsoll cannot test a version before the version gets
 * traffic. A Durable Object migration also takes effect for all traffic at once.
 */
const ofObjects = (
  target: CloudflareTarget,
  { path, migration, objects }: WranglerFile,
): string[] =>
  target.rollout !== 'gradual' || (migration === null && objects === null)
    ? []
    : [
        `${nameOf(target)}: ${path} has Durable Objects. Cloudflare gives the versions of such a worker no address, ` +
          'so Plimsoll cannot test a version before it gets traffic. Use rollout: all-at-once.',
      ];

const openNext = ['open-next.config.ts', 'open-next.config.js'];

type Main = { sha: string; file: WranglerFile };

/**
 * Returns a problem if the commit does not contain wrangler's main file and no build command makes
 * this file. Plimsoll runs only the build command of wrangler's configuration, without a token.
 * Plimsoll does not let wrangler start the build of a framework, because this build would get
 * Cloudflare's token.
 */
async function ofMain(
  git: Guarding['git'],
  target: CloudflareTarget,
  { sha, file: { path, main, build } }: Main,
): Promise<string[]> {
  if (build !== null || main === null || /(^|\/)node_modules\//.test(main)) return [];
  const there = (name: string) =>
    git.readFile(target.repository, sha, posix.join(posix.dirname(path), name));
  if ((await there(main)) !== null) return [];
  const isOpenNext = (await Promise.all(openNext.map(there))).some((text) => text !== null);
  const example = isOpenNext ? 'npx opennextjs-cloudflare build' : 'npm run build';
  return [
    `${nameOf(target)}: ${path} names the main file ${main}, but the commit does not contain it, and ` +
      `${path} has no build.command that makes it. Plimsoll runs no other build, because the build ` +
      `must not get Cloudflare's token. Set build.command in ${path}, such as "${example}".`,
  ];
}

/**
 * Returns the reason why no rollback is possible after the commit is live. Returns null if no such
 * reason is known, or if `guards` already reports a problem.
 */
export async function noReturn(guarding: Reading, sha: string): Promise<string | null> {
  const { at, git } = guarding;
  const { target, client } = at;
  const [file, service] = await Promise.all([readWranglerFile(git, target, sha), client.service()]);
  if ('problem' in file || !service) return null;
  if (file.objects !== null) return await changesObjects(guarding, file, file.objects);
  if (file.migration === null || service.migrationTag === file.migration) return null;
  return (
    `this release adds the Durable Object migration "${file.migration}" to ${target.worker}, which is at migration ` +
    `"${service.migrationTag ?? 'none'}"; Cloudflare cannot roll back across a migration, so a failure needs a new release`
  );
}

/**
 * The text about a change of Durable Objects. Cloudflare's documentation does not say whether a
 * rollback works after Durable Objects were renamed or deleted.
 */
export const objectsStay =
  'Cloudflare does not bring renamed or deleted Durable Objects back, so Plimsoll does not roll back ' +
  'across such a change.';

/**
 * Returns the reason why no rollback is possible if the commit and the live commit declare
 * different Durable Objects in "exports". Returns null if the declarations are equal. Plimsoll must
 * compare the declarations, because Cloudflare reports no migration tag for these Durable Objects.
 */
async function changesObjects(
  { at, git }: Reading,
  { path }: WranglerFile,
  objects: string,
): Promise<string | null> {
  const { target } = at;
  const live = await objectsOf(git, target, (await see(at)).codeSha);
  if (live === objects) return null;
  const why =
    live === undefined
      ? `${path} declares Durable Objects in "exports", and it is unknown which ones the live version ` +
        'has, because its commit is unknown'
      : `this release changes the Durable Objects that ${path} declares in "exports"`;
  return `${why}; ${objectsStay} So a failure needs a new release`;
}
