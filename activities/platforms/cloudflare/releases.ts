import { bounds } from '../../../domain/platforms/cloudflare/bounds.ts';
import { unknown } from '../../lib/fail.ts';
import type { Key, Share, Source, Worker } from './api/access.ts';
import { buildFirst, configured } from './build-first.ts';
import { createClient } from './api/client.ts';
import type { CloudflareClient } from './api/client.ts';
import { besideWrangler, provisioning } from './find-wrangler.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { findVersion, liveNow, newestIfOurs, sameShares } from './find-version.ts';
import { prepareSettings, prepareUpload } from './prepare-upload.ts';
import { runWrangler } from './run-wrangler.ts';
import type { WranglerResult } from './run-wrangler.ts';
import { install, withTree } from './tree.ts';
import type { TreeDeps, WorkerTree } from './tree.ts';
import { wranglerTrouble } from './trouble.ts';

const { wranglerMs, shareMs } = bounds;

export type Uploaded = { versionId: string; uploaded: 'done' | 'already' };
export type Deployed = { deploymentId: string; deployed: 'done' | 'already' };

const clientOf = (worker: Worker) => createClient(worker, cancellation());
const named = ({ name }: Worker) => ['--name', name];
const keyed = ({ tag, message }: Key) => ['--tag', tag, '--message', message, '--strict'];
/**
 * Forbids wrangler to create resources. Without this option, wrangler creates a KV namespace, a D1
 * database, an R2 bucket or a queue for each binding without an id. No plan lists these resources,
 * and no rollback removes them.
 */
const createsNothing = `--${provisioning}=false`;

/**
 * Uploads a version of the commit. The version gets no traffic yet. If a version with the same key
 * exists, uploads nothing. Throws a final failure of type 'unhealthyRelease' if the version does
 * not build or start. Throws a final failure of type 'rejectedByPlatform' if somebody changed the
 * worker outside of Plimsoll.
 */
export async function uploadVersion(
  deps: TreeDeps,
  { worker, source, key }: { worker: Worker; source: Source; key: Key },
): Promise<Uploaded> {
  const client = clientOf(worker);
  const before = await findVersion(client, key);
  if (before) return { versionId: before.id, uploaded: 'already' };
  const args = ['versions', 'upload', ...named(worker), ...keyed(key)];
  const result = await inTree(deps, { worker, source, args, code: true });
  const made = await findVersion(client, key);
  if (made) return { versionId: made.id, uploaded: 'done' };
  throw unseen(worker, 'upload a version', result);
}

/** Splits the traffic among the one or two versions in `shares`. `message` names the deploy. */
export async function deployVersions(
  deps: TreeDeps,
  asked: { worker: Worker; source: Source; shares: Share[]; message: string },
): Promise<Deployed> {
  const { worker, source, shares, message } = asked;
  const client = clientOf(worker);
  const before = await liveNow(client);
  if (before && sameShares(before.shares, shares))
    return { deploymentId: before.id, deployed: 'already' };
  const specs = shares.map(({ versionId, percentage }) => `${versionId}@${percentage}`);
  const flags = ['--message', message, '--yes', ...named(worker)];
  const { access } = worker;
  const result = await withTree(deps, source, async (tree) => {
    const settings = { tree, configured: await configured(tree, source), account: access.account };
    const upload = { ...(await prepareSettings(settings)), builder: deps.builder };
    const args = ['versions', 'deploy', ...specs, ...flags];
    const wrangler = await ownWrangler(deps);
    return runWrangler({ wrangler, access, args, timeoutMs: shareMs, upload });
  });
  return proven(client, shares, () => unseen(worker, 'deploy the version', result));
}

/**
 * Gives all traffic to a new version with `wrangler deploy`. Only this command can do a first
 * deploy or a Durable Object migration. If an earlier attempt uploaded the version, this attempt
 * uploads nothing and gives the traffic to that version. If that version already has all traffic,
 * this attempt only sets routes and schedules.
 */
export async function deployWorker(
  deps: TreeDeps,
  { worker, source, key }: { worker: Worker; source: Source; key: Key },
): Promise<Uploaded & { deploymentId: string }> {
  const client = clientOf(worker);
  const before = await servedWhole(client, key);
  if (before) await setTriggers(deps, worker, source);
  if (before) return { ...before, uploaded: 'already' };
  const made = await newestIfOurs(client, key);
  if (made) return await finish(deps, { worker, source, key, versionId: made.id });
  const args = ['deploy', ...named(worker), ...keyed(key)];
  const result = await inTree(deps, { worker, source, args, code: true });
  const after = await servedWhole(client, key);
  if (!after) throw unseen(worker, 'deploy the worker', result);
  if (result.code !== 0) await setTriggers(deps, worker, source);
  return { ...after, uploaded: 'done' };
}

type Made = { worker: Worker; source: Source; key: Key; versionId: string };

/**
 * Deploys the version that an earlier attempt uploaded. So the commit gets no second version.
 */
async function finish(deps: TreeDeps, { worker, source, key, versionId }: Made) {
  const shares = [{ versionId, percentage: 100 }];
  const { message } = key;
  const { deploymentId } = await deployVersions(deps, { worker, source, shares, message });
  await setTriggers(deps, worker, source);
  return { versionId, deploymentId, uploaded: 'already' as const };
}

/**
 * Returns the version with this key and its deployment if the version has all traffic, else null.
 */
async function servedWhole(client: CloudflareClient, key: Key) {
  const live = await liveNow(client);
  const made = live && (await findVersion(client, key));
  if (!live || !made) return null;
  const whole = sameShares(live.shares, [{ versionId: made.id, percentage: 100 }]);
  return whole ? { versionId: made.id, deploymentId: live.id } : null;
}

/** Sets the routes and schedules of the commit. A version does not contain routes and schedules. */
export async function setTriggers(deps: TreeDeps, worker: Worker, source: Source): Promise<void> {
  const args = ['triggers', 'deploy', ...named(worker)];
  const result = await inTree(deps, { worker, source, args, code: false });
  if (result.code !== 0)
    throw wranglerTrouble(worker, 'set the routes and schedules of the live version', result);
}

/**
 * A wrangler command with the tree of the commit. `code` is false if the command only sets routes
 * and schedules. Such a command needs no bundle.
 */
type InTree = { worker: Worker; source: Source; args: string[]; code: boolean };

const ownWrangler = (deps: TreeDeps) => (deps.ownWrangler ?? besideWrangler)();

/**
 * Installs, builds and bundles the commit without a token. Then runs Plimsoll's own wrangler with
 * the token. This wrangler gets only the output of the build.
 */
const inTree = (deps: TreeDeps, { worker, source, args, code }: InTree) =>
  withTree(deps, source, async (tree: WorkerTree) => {
    const { builder } = deps;
    const { access } = worker;
    const wrangler = await ownWrangler(deps);
    await install(deps, tree, source.repository);
    const built = await buildFirst({ tree, source, builder });
    const preparing = { tree, configured: built, account: access.account, own: wrangler };
    const prepared = code ? await prepareUpload(deps, preparing) : await prepareSettings(preparing);
    const upload = { ...prepared, builder };
    const call = { wrangler, access, timeoutMs: wranglerMs, upload };
    return runWrangler({ ...call, args: [...args, createsNothing] });
  });

/**
 * Makes the failure if Cloudflare does not show the effect of a wrangler command. wrangler itself
 * may have reported a success or a failure.
 */
export function unseen(worker: Worker, what: string, result: WranglerResult): Error {
  if (result.code !== 0) return wranglerTrouble(worker, what, result);
  return unknown(
    `wrangler reports success for the command to ${what}, but Cloudflare does not show the result.`,
  );
}

export async function proven(
  client: CloudflareClient,
  shares: Share[],
  trouble: () => Error,
): Promise<Deployed> {
  const after = await liveNow(client);
  if (after && sameShares(after.shares, shares))
    return { deploymentId: after.id, deployed: 'done' };
  throw trouble();
}
