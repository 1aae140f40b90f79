import type { CloudflareTarget } from '../../../domain/plan.ts';
import type { CloudflareEnvironment, Project } from '../../../domain/schema.ts';
import { variablesOf } from './variables.ts';

type Place = { project: Project; environment: CloudflareEnvironment };

export function freezeCloudflare({ project, environment }: Place): CloudflareTarget {
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
    ...variablesOf(environment),
  };
}
