import { freezeVercel } from '../../activities/plan/targets/vercel.ts';
import { guards } from '../../activities/platforms/vercel/guards.ts';
import { bypassOf, nameOf, variableOf, vercelOf } from '../../activities/platforms/vercel/place.ts';
import type { VercelTarget } from '../../domain/plan.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { secret } from '../secrets.ts';
import { check, unchecked } from './finding.ts';
import type { Finding } from './finding.ts';
import { isSet } from './secrets.ts';

type At = { target: VercelTarget; github: string | null };

/** Each project: the token, what it may, and all that would keep the platform gate closed. Changes nothing. */
export const vercel = (config: Config, env: NodeJS.ProcessEnv): Promise<Finding>[] =>
  everyProject(config).map((at) => {
    const { token, bypass } = at.target;
    const name = nameOf(at.target);
    const missing = [token, ...(bypass ? [bypass] : [])].find((ref) => !isSet(ref, env));
    return missing
      ? Promise.resolve(unchecked(name, variableOf(missing)))
      : check(name, () => look(at, env));
  });

const everyProject = ({ projects }: Config): At[] =>
  Object.values(projects).flatMap((project) =>
    Object.values(project.environments).flatMap((environment) =>
      environment.platform === 'vercel'
        ? [{ target: freezeVercel({ project, environment }), github: project.github ?? null }]
        : [],
    ),
  );

async function look({ target, github }: At, env: NodeJS.ProcessEnv): Promise<string> {
  const known = (ref: string) => secret(ref, env);
  const asking = { vercel: vercelOf(known)(target), headers: bypassOf(known)(target) };
  const against = await guards(asking, { target, github, restoreTo: null });
  if (against.length > 0) throw new UserError(against.join('\n'));
  return `reached with ${variableOf(target.token)}; nothing goes live by itself, and it may promote`;
}
