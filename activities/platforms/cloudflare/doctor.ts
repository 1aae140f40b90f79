import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import { secretsLocked } from '../../../domain/platforms/cloudflare/steps.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import { isRefusal } from '../../lib/is-refusal.ts';
import { check, unchecked } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { DoctorWithGit, PlaceOn } from '../module.ts';
import { readTraffic } from './api/analytics.ts';
import { ofWorker, ofWrangler } from './guards.ts';
import { atOf, nameOf, variableOf } from './place.ts';
import type { At } from './place.ts';
import { ofRoutes } from './routes.ts';
import { readWranglerFile } from './wrangler-file.ts';
import { permissions } from '../../../domain/platforms/cloudflare/permissions.ts';
import { see } from './snapshot.ts';
import { resolveCloudflare } from './target.ts';

/**
 * Checks wrangler, the token, the permissions of the token, and everything that would close the
 * platform gate. Does this for each Worker. Changes nothing.
 */
export const doctor = (
  places: readonly PlaceOn<'cloudflare'>[],
  deps: DoctorWithGit,
): Promise<Finding>[] =>
  places.map(({ project, environment }) => {
    const target = resolveCloudflare({ project, environment });
    const { token } = target;
    const name = nameOf(target);
    if (!deps.isSet(token)) return Promise.resolve(unchecked(name, variableOf(token)));
    return check(name, () => examine(target, project.branch, deps));
  });

const minuteMs = 60_000;

async function examine(
  target: CloudflareTarget,
  branch: string,
  { secret, atBranch }: DoctorWithGit,
): Promise<string> {
  const at = atOf(secret)(target);
  const ofBoth = [...(await ofWrangler()), ...(await ofWorker(at))];
  const routes = await ofBranch(at, branch, atBranch);
  const against = [...ofBoth, ...routes.problems];
  if (against.length > 0) throw new UserError(against.join('\n'));
  const to = Date.now();
  await readTraffic(at.worker, { from: to - minuteMs, to }).catch(withoutAnalytics);
  const there = (await at.client.service()) !== null;
  const first = there ? '' : `the worker ${target.worker} does not exist yet; `;
  const locked = there && !(await see(at)).newest ? `${secretsLocked(target.worker)}; ` : '';
  return (
    `wrangler is installed; the token in ${variableOf(target.token)} can read the Worker and its analytics; ` +
    `${first}${locked}${routes.said}`
  );
}

const mayDeploy = 'only the first deploy shows whether the token may deploy';

/**
 * Checks that the token has the permissions for the routes in the wrangler file of the branch.
 * `said` tells people what remains unknown, because no read shows whether the token may edit
 * routes.
 */
async function ofBranch(
  at: At,
  branch: string,
  atBranch: DoctorWithGit['atBranch'],
): Promise<{ problems: string[]; said: string }> {
  const { repository } = at.target;
  const file = await atBranch({ repository, branch }, (git, sha) =>
    readWranglerFile(git, at.target, sha),
  ).catch((cause: Error) => ({ unread: cause.message.split('\n')[0] ?? '' }));
  if ('unread' in file) {
    const said = `its wrangler file was not read, so it is unknown whether the token needs permissions for routes (${file.unread})`;
    return { problems: [], said: `${said}; ${mayDeploy}` };
  }
  if ('problem' in file)
    return { problems: [`${nameOf(at.target)}: ${file.problem}`], said: mayDeploy };
  if (file.routes.length === 0) return { problems: [], said: mayDeploy };
  const said = `the token can read the zones of its routes; ${mayDeploy} and set routes ("${permissions.routes.name}")`;
  return { problems: await ofRoutes(at, file), said };
}

/**
 * Throws an error after a failed read of the analytics. If Cloudflare refused the read, the error
 * also says that deploys work without analytics, and how the watch then judges. Every other failure
 * is thrown unchanged.
 */
function withoutAnalytics(failure: Error): never {
  if (!isRefusal(failure)) throw failure;
  throw new UserError(
    "Without Cloudflare's analytics, deploys work, but the watch judges by its probes alone.\n" +
      failure.message,
  );
}
