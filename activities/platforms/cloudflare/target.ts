import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { Project } from '../../../domain/config/config.ts';
import type { CloudflareEnvironment } from '../../../domain/platforms/cloudflare/schema.ts';
import { commonOf } from '../variables.ts';

type Place = { project: Project; environment: CloudflareEnvironment };

export function resolveCloudflare({ project, environment }: Place): CloudflareTarget {
  const { account, worker, directory, env, rollout, token, api, url, health } = environment;
  return {
    platform: 'cloudflare',
    account,
    worker,
    directory: directory ?? '',
    env: env ?? null,
    rollout,
    token,
    api,
    repository: project.repository,
    url,
    preview: environment.preview ?? null,
    health,
    version: environment.version ?? null,
    ...(environment.npmrc === undefined ? {} : { npmrc: environment.npmrc }),
    ...commonOf(environment),
  };
}
