import { final } from '../../activities/lib/fail.ts';
import { secretsOf } from '../../activities/platforms/index.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { platformNames } from '../../domain/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';

/**
 * Returns the value of the variable that `env:NAME` names. Throws a final failure of type
 * 'misconfigured' if the variable is not set. The error contains only the name of the variable.
 */
export function secret(ref: string, env: NodeJS.ProcessEnv = process.env): string {
  const name = ref.slice('env:'.length);
  const value = env[name];
  if (value === undefined || value.trim() === '')
    throw final(
      failures.misconfigured,
      `The worker's environment has no ${name}, which the configuration reads as "${ref}".\n` +
        `Set ${name} where the worker is started, and start the worker again.`,
    );
  return value;
}

/** Returns every `env:NAME` that the worker reads for this configuration. */
export const secretRefs = ({ github, slack, page, hints, budget, projects }: Config): string[] => {
  const environments = Object.values(projects).flatMap((project) =>
    Object.values(project.environments),
  );
  const tokens = environments.flatMap(secretsOf);
  return [
    ...[github?.token, github?.app?.key, slack?.token, page?.smtp?.password, page?.webhook],
    ...[slack?.approvals?.appToken, slack?.approvals?.http?.signingSecret],
    ...platformNames.map((platform) => hints?.[platform]),
    budget?.summary?.token,
    ...new Set(tokens),
  ].filter((ref) => ref?.startsWith('env:') === true) as string[];
};
