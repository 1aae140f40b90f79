import type { Release } from '../../../domain/plan.ts';
import type { Driver } from '../driver.ts';
import { nameOf, short } from './place.ts';
import type { At } from './place.ts';
import { whyNoWayBack } from './rollback.ts';
import { see } from './sight.ts';

type WayBack = Awaited<ReturnType<Driver['wayBack']>>;

/** Is the recorded version there, of that commit, and on this side of every Durable Object migration? */
export async function wayBackAt(at: At, { sha, platformId: id }: Release): Promise<WayBack> {
  const { target, client } = at;
  const host = nameOf(target);
  const gone = (why: string): WayBack => [{ host, present: false, gone: `${host}: ${why}` }];
  const choose = 'Choose another way back: --restore-to live.';
  if (id === undefined) return gone(`no version of ${short(sha)} served yet. ${choose}`);
  const [version, sight] = await Promise.all([client.version(id), see(at)]);
  if (!version) return gone(`Cloudflare does not keep version ${id} any more. ${choose}`);
  const commit = /^[0-9a-f]{40}$/.test(version.tag ?? '') ? version.tag : null;
  // What was adopted has no commit of its own.
  if (commit === null ? sight.id !== id : commit !== sha)
    return gone(`version ${id} is not of ${short(sha)}. ${choose}`);
  const refusal = await whyNoWayBack(client, target.worker, id);
  return refusal === null ? [{ host, present: true }] : gone(refusal.replaceAll('\n', ' '));
}
