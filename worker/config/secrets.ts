import { secretsOf } from '../../activities/platforms/index.ts';
import { platformNames } from '../../domain/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';

export { secret } from '../../activities/lib/secret.ts';

/** Returns every `env:NAME` that the worker reads for this configuration. */
export const secretRefs = (config: Config): string[] => [
  ...(config.seal ? [config.seal.key] : []),
  ...otherSecretRefs(config),
];

/** Returns every `env:NAME` except the private key of the workers. */
export const otherSecretRefs = (config: Config): string[] => {
  const { github, slack, page, hints, budget, projects } = config;
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
