import { freezeNorthflank } from '../../activities/plan/targets/northflank.ts';
import { createConnect } from '../../activities/platforms/northflank/connect.ts';
import { guardProblems, readGuarded } from '../../activities/platforms/northflank/guards.ts';
import { see } from '../../activities/platforms/northflank/sight.ts';
import type { NorthflankTarget, Plan } from '../../domain/plan.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { secret } from '../secrets.ts';
import { check, unchecked } from './finding.ts';
import type { Finding } from './finding.ts';
import { isSet } from './secrets.ts';

type Shipping = Pick<Plan, 'branch' | 'github'> & { target: NorthflankTarget };

const services = ({ projects }: Config): Shipping[] =>
  Object.values(projects).flatMap((project) =>
    Object.values(project.environments).flatMap((environment) =>
      environment.platform === 'northflank'
        ? [
            {
              target: freezeNorthflank({ project, environment }),
              branch: project.branch,
              github: project.github ?? null,
            },
          ]
        : [],
    ),
  );

/** Each service: its token, its kind, and everything that would close the platform gate. Nothing is changed. */
export function northflank(config: Config, env: NodeJS.ProcessEnv): Promise<Finding>[] {
  const connect = createConnect({ secret: (ref) => secret(ref, env), timeScale: 1 });
  return services(config).map(async (shipping) => {
    const { token, project, service } = shipping.target;
    const name = `northflank ${project}/${service}`;
    const variable = token.slice('env:'.length);
    if (!isSet(token, env)) return unchecked(name, variable);
    return await check(name, () => look(connect, shipping, variable));
  });
}

async function look(
  connect: ReturnType<typeof createConnect>,
  shipping: Shipping,
  variable: string,
): Promise<string> {
  const reach = connect(shipping.target);
  await see(reach, shipping.target);
  const against = guardProblems(await readGuarded(reach, shipping));
  if (against.length > 0) throw new UserError(against.join('\n'));
  return `${variable} reads it; CD off, pinned, port and probe set; whether it may deploy shows at the first deploy`;
}
