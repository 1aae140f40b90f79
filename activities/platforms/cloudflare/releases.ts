import { platformBounds } from '../../../domain/policy/platform-bounds.ts';
import { unknown } from '../../lib/fail.ts';
import type { Key, Share, Source, Worker } from './access.ts';
import { buildFirst } from './build-first.ts';
import { createClient } from './client.ts';
import type { CloudflareClient } from './client.ts';
import { besideWrangler, findWrangler } from './find-wrangler.ts';
import { cancellation } from '../../git/pulse.ts';
import { findVersion, liveNow, newestIfOurs, sameShares } from './look.ts';
import { runWrangler } from './run-wrangler.ts';
import type { WranglerResult } from './run-wrangler.ts';
import { install, withTree } from './tree.ts';
import type { TreeDeps, WorkerTree } from './tree.ts';
import { wranglerTrouble } from './trouble.ts';
import { withBareHome } from './hermetic.ts';

const { wranglerMs, shareMs } = platformBounds.cloudflare;

export type Uploaded = { versionId: string; uploaded: 'done' | 'already' };
export type Deployed = { deploymentId: string; deployed: 'done' | 'already' };

const clientOf = (worker: Worker) => createClient(worker, cancellation());
const named = ({ name }: Worker, { environment }: Source) => [
  '--name',
  name,
  ...(environment === null ? [] : ['--env', environment]),
];
const keyed = ({ tag, message }: Key) => ['--tag', tag, '--message', message, '--strict'];

/**
 * A version of the commit that serves nobody yet. What carries the key already is adopted. Final: it does
 * not build or start (unhealthyRelease), somebody changed the worker outside (rejectedByPlatform).
 */
export async function uploadVersion(
  deps: TreeDeps,
  { worker, source, key }: { worker: Worker; source: Source; key: Key },
): Promise<Uploaded> {
  const client = clientOf(worker);
  const before = await findVersion(client, key);
  if (before) return { versionId: before.id, uploaded: 'already' };
  const args = ['versions', 'upload', ...named(worker, source), ...keyed(key)];
  const result = await inTree(deps, { worker, source, args });
  const made = await findVersion(client, key);
  if (made) return { versionId: made.id, uploaded: 'done' };
  throw unseen(worker, 'upload a version', result);
}

/** Splits the traffic as `shares` say: one version, or two. The message names the deploy. */
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
  const flags = ['--message', message, '--yes', ...named(worker, source)];
  const result = await withTree(deps, source, async ({ directory }) =>
    runWrangler({
      wrangler: await besideWrangler(),
      access: worker.access,
      directory,
      args: ['versions', 'deploy', ...specs, ...flags],
      timeoutMs: shareMs,
    }),
  );
  return proven(client, shares, () => unseen(worker, 'deploy the version', result));
}

/**
 * `wrangler deploy`: everybody at once. The only way for a worker's first deploy and for a Durable Object
 * migration. Traffic may have moved although routes or schedules failed: they are set again, alone. A version
 * that an earlier attempt made is taken.
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
  const args = ['deploy', ...named(worker, source), ...keyed(key)];
  const result = await inTree(deps, { worker, source, args });
  const after = await servedWhole(client, key);
  if (!after) throw unseen(worker, 'deploy the worker', result);
  if (result.code !== 0) await setTriggers(deps, worker, source);
  return { ...after, uploaded: 'done' };
}

type Made = { worker: Worker; source: Source; key: Key; versionId: string };

/** An earlier attempt came as far as its version: another one of the same commit would be one too many. */
async function finish(deps: TreeDeps, { worker, source, key, versionId }: Made) {
  const shares = [{ versionId, percentage: 100 }];
  const { message } = key;
  const { deploymentId } = await deployVersions(deps, { worker, source, shares, message });
  await setTriggers(deps, worker, source);
  return { versionId, deploymentId, uploaded: 'already' as const };
}

/** The deployment that gives all traffic to the version with our key. */
async function servedWhole(client: CloudflareClient, key: Key) {
  const live = await liveNow(client);
  const made = live && (await findVersion(client, key));
  if (!live || !made) return null;
  const whole = sameShares(live.shares, [{ versionId: made.id, percentage: 100 }]);
  return whole ? { versionId: made.id, deploymentId: live.id } : null;
}

/** Routes and schedules of the commit: no version carries them. */
export async function setTriggers(deps: TreeDeps, worker: Worker, source: Source): Promise<void> {
  const args = ['triggers', 'deploy', ...named(worker, source)];
  const result = await inTree(deps, { worker, source, args });
  if (result.code !== 0)
    throw wranglerTrouble(worker, 'set the routes and schedules of what is live', result);
}

type InTree = { worker: Worker; source: Source; args: string[] };

const inTree = (deps: TreeDeps, { worker, source, args }: InTree) =>
  withTree(deps, source, async (tree: WorkerTree) => {
    await install(deps, tree);
    const wrangler = await findWrangler(tree.directory, tree.root);
    const built = await withBareHome((env) => buildFirst({ tree, source, env }));
    const { directory } = tree;
    const { access } = worker;
    const call = { wrangler, access, directory, timeoutMs: wranglerMs };
    return runWrangler({ ...call, args: [...args, ...built] });
  });

/** A success that cannot be seen is no success. */
export function unseen(worker: Worker, what: string, result: WranglerResult): Error {
  if (result.code !== 0) return wranglerTrouble(worker, what, result);
  return unknown(`wrangler says that it could ${what}, and Cloudflare does not show it.`);
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
