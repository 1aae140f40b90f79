import type { CloudflareTarget, PlanOn } from '../../../domain/plan.ts';
import type { Git } from '../../git.ts';
import { besideWrangler } from './find-wrangler.ts';
import { nameOf } from './place.ts';
import type { At } from './place.ts';
import { see } from './sight.ts';
import type { Sight } from './sight.ts';
import { readWranglerFile } from './wrangler-file.ts';
import type { WranglerFile } from './wrangler-file.ts';

export type Guarding = { at: At; git: Pick<Git, 'readFile'> };
type Planned = Pick<PlanOn<CloudflareTarget>, 'target' | 'sha'>;

/** Everything that would make this deploy unsafe or impossible, each with its remedy. */
export async function guards({ at, git }: Guarding, { target, sha }: Planned): Promise<string[]> {
  const [wrangler, worker, file] = await Promise.all([
    ofWrangler(),
    ofWorker(at),
    readWranglerFile(git, target, sha),
  ]);
  const inFile = 'problem' in file ? [`${nameOf(target)}: ${file.problem}`] : ofFile(target, file);
  return [...wrangler, ...worker, ...inFile];
}

/** Without it nothing could be rolled back. */
export const ofWrangler = () =>
  besideWrangler().then(
    () => [],
    (failure: Error) => [failure.message.replaceAll('\n', ' ')],
  );

/** What of it a deploy needs. Throws what the token is refused for. */
export async function ofWorker(at: At): Promise<string[]> {
  await at.client.verifyToken();
  const sight = await see(at);
  return [...ofShares(at.target, sight), ...(await ofPreviews(at, sight))];
}

function ofShares(target: CloudflareTarget, { shares, id }: Sight): string[] {
  if (shares.length < 2) return [];
  const told = shares.map(({ versionId, percentage }) => `${versionId} ${percentage} %`);
  return [
    `${nameOf(target)}: two versions share the traffic (${told.join(', ')}): there is no one release to go back to. ` +
      `End that first: npx wrangler versions deploy ${id}@100 --name ${target.worker} --yes`,
  ];
}

/** A version that could not be tried would reach people untried. */
async function ofPreviews({ target, client }: At, { id }: Sight): Promise<string[]> {
  if (target.rollout !== 'gradual' || id === null || (await client.subdomain()).previews) return [];
  return [
    `${nameOf(target)}: versions have no address of their own, so none can be tried before it gets traffic. ` +
      'Set preview_urls: true in its wrangler file and deploy that all at once, or use rollout: all-at-once.',
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
          `${nameOf(target)}: ${path} is of the worker ${name}, not ${worker}. ` +
            'Correct "directory", "worker" or "env" in plimsoll.yaml.',
        ]),
    ...(account === null || account === target.account
      ? []
      : [
          `${nameOf(target)}: ${path} says account_id ${account}, and plimsoll.yaml ${target.account}: ` +
            'wrangler would follow its file. Make them the same.',
        ]),
  ];
}

/** A version without an address would reach people untried, and a migration reaches everybody at once. */
const ofObjects = (target: CloudflareTarget, { path, migration }: WranglerFile): string[] =>
  target.rollout !== 'gradual' || migration === null
    ? []
    : [
        `${nameOf(target)}: ${path} has Durable Objects, and Cloudflare gives the versions of such a worker no address, ` +
          'so none can be tried before it gets traffic. Use rollout: all-at-once.',
      ];

/** Why nothing can go back once the commit is live; null = it can, or the guards say what is wrong. */
export async function noReturn({ at, git }: Guarding, sha: string): Promise<string | null> {
  const { target, client } = at;
  const [file, service] = await Promise.all([readWranglerFile(git, target, sha), client.service()]);
  if ('problem' in file || file.migration === null || !service) return null;
  if (service.migrationTag === file.migration) return null;
  return (
    `it brings the Durable Object migration "${file.migration}" to ${target.worker}, which is at ` +
    `"${service.migrationTag ?? 'none'}": Cloudflare does not go back across it, so a failure is mended forward`
  );
}
