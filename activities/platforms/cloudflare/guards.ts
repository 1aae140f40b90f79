import type { PlanOn } from '../../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { Git } from '../../git/git.ts';
import { besideWrangler } from './find-wrangler.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { see } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { readWranglerFile } from './wrangler-file.ts';
import type { WranglerFile } from './wrangler-file.ts';

export type Guarding = { at: At; git: Pick<Git, 'readFile'> };
type Planned = Pick<PlanOn<CloudflareTarget>, 'target' | 'sha'>;

/**
 * Returns the problems that would make this deploy unsafe or impossible. Each text ends with its
 * remedy.
 */
export async function guards({ at, git }: Guarding, { target, sha }: Planned): Promise<string[]> {
  const [wrangler, worker, file] = await Promise.all([
    ofWrangler(),
    ofWorker(at),
    readWranglerFile(git, target, sha),
  ]);
  const inFile = 'problem' in file ? [`${nameOf(target)}: ${file.problem}`] : ofFile(target, file);
  return [...wrangler, ...worker, ...inFile];
}

/**
 * Returns a problem if wrangler is missing or too old, because then no rollback would be possible.
 */
export const ofWrangler = () =>
  besideWrangler().then(
    () => [],
    (failure: Error) => [failure.message.replaceAll('\n', ' ')],
  );

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
 * Returns a problem if the rollout is gradual and versions have no address of their own. Plimsoll
 * could not test a version before the version gets traffic.
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
 * versions of such a Worker no address, so Plimsoll could not test a version before the version
 * gets traffic. A Durable Object migration also takes effect for all traffic at once.
 */
const ofObjects = (target: CloudflareTarget, { path, migration }: WranglerFile): string[] =>
  target.rollout !== 'gradual' || migration === null
    ? []
    : [
        `${nameOf(target)}: ${path} has Durable Objects. Cloudflare gives the versions of such a worker no address, ` +
          'so Plimsoll cannot test a version before it gets traffic. Use rollout: all-at-once.',
      ];

/**
 * Returns the reason why no rollback is possible after the commit is live. Returns null if no such
 * reason is known, or if `guards` already reports a problem.
 */
export async function noReturn({ at, git }: Guarding, sha: string): Promise<string | null> {
  const { target, client } = at;
  const [file, service] = await Promise.all([readWranglerFile(git, target, sha), client.service()]);
  if ('problem' in file || file.migration === null || !service) return null;
  if (service.migrationTag === file.migration) return null;
  return (
    `this release adds the Durable Object migration "${file.migration}" to ${target.worker}, which is at migration ` +
    `"${service.migrationTag ?? 'none'}"; Cloudflare cannot roll back across a migration, so a failure needs a new release`
  );
}
