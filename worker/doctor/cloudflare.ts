import { freezeCloudflare } from '../../activities/plan/targets/cloudflare.ts';
import { readTraffic } from '../../activities/platforms/cloudflare/analytics.ts';
import { ofWorker, ofWrangler } from '../../activities/platforms/cloudflare/guards.ts';
import { atOf, nameOf, variableOf } from '../../activities/platforms/cloudflare/place.ts';
import type { CloudflareTarget } from '../../domain/plan.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { secret } from '../secrets.ts';
import { check, unchecked } from './finding.ts';
import type { Finding } from './finding.ts';
import { isSet } from './secrets.ts';

/** Each Worker: wrangler, the token, what it may read, and what would close the platform gate. Changes nothing. */
export const cloudflare = (config: Config, env: NodeJS.ProcessEnv): Promise<Finding>[] =>
  everyWorker(config).map((target) => {
    const { token } = target;
    const name = nameOf(target);
    if (!isSet(token, env)) return Promise.resolve(unchecked(name, variableOf(token)));
    return check(name, () => look(target, env));
  });

const everyWorker = ({ projects }: Config): CloudflareTarget[] =>
  Object.values(projects).flatMap((project) =>
    Object.values(project.environments).flatMap((environment) =>
      environment.platform === 'cloudflare' ? [freezeCloudflare({ project, environment })] : [],
    ),
  );

const minuteMs = 60_000;

async function look(target: CloudflareTarget, env: NodeJS.ProcessEnv): Promise<string> {
  const at = atOf((ref) => secret(ref, env))(target);
  const against = [...(await ofWrangler()), ...(await ofWorker(at))];
  if (against.length > 0) throw new UserError(against.join('\n'));
  const to = Date.now();
  await readTraffic(at.worker, { from: to - minuteMs, to });
  const there = (await at.client.service()) !== null;
  const first = there ? '' : `${target.worker} is not there yet: its first deploy makes it; `;
  return (
    `wrangler is there; ${variableOf(target.token)} reads it and its analytics; ` +
    `${first}whether it may deploy shows at the first deploy`
  );
}
