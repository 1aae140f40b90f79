import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import { secretsLocked } from '../../../domain/platforms/cloudflare/steps.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import { isRefusal } from '../../lib/is-refusal.ts';
import { check, unchecked } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { readTraffic } from './api/analytics.ts';
import { ofWorker, ofWrangler } from './guards.ts';
import { atOf, nameOf, variableOf } from './place.ts';
import { see } from './snapshot.ts';
import { resolveCloudflare } from './target.ts';

/**
 * Checks each Worker: wrangler, the token, the token's permissions, and everything that would close
 * the platform gate. Changes nothing.
 */
export const doctor = (
  places: readonly PlaceOn<'cloudflare'>[],
  deps: DoctorDeps,
): Promise<Finding>[] =>
  places.map(({ project, environment }) => {
    const target = resolveCloudflare({ project, environment });
    const { token } = target;
    const name = nameOf(target);
    if (!deps.isSet(token)) return Promise.resolve(unchecked(name, variableOf(token)));
    return check(name, () => look(target, deps));
  });

const minuteMs = 60_000;

async function look(target: CloudflareTarget, { secret }: DoctorDeps): Promise<string> {
  const at = atOf(secret)(target);
  const against = [...(await ofWrangler()), ...(await ofWorker(at))];
  if (against.length > 0) throw new UserError(against.join('\n'));
  const to = Date.now();
  await readTraffic(at.worker, { from: to - minuteMs, to }).catch(withoutAnalytics);
  const there = (await at.client.service()) !== null;
  const first = there ? '' : `the worker ${target.worker} does not exist yet; `;
  const locked = there && !(await see(at)).newest ? `${secretsLocked(target.worker)}; ` : '';
  return (
    `wrangler is installed; the token in ${variableOf(target.token)} can read the Worker and its analytics; ` +
    `${first}${locked}only the first deploy shows whether the token may deploy`
  );
}

/**
 * Throws the failure of a read of the analytics. If Cloudflare refused the read, the text also says
 * that deploys work without analytics, and how the watch then judges.
 */
function withoutAnalytics(failure: Error): never {
  if (!isRefusal(failure)) throw failure;
  throw new UserError(
    "Without Cloudflare's analytics, deploys work, but the watch judges by its probes alone.\n" +
      failure.message,
  );
}
