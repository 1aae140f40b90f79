import { hostOfUrl, isLoopback } from '../../activities/lib/addresses.ts';
import type { Endpoint, Path } from '../../activities/lib/addresses.ts';
import { endpointsOf } from '../../activities/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';

export { hostOfUrl, isLoopback } from '../../activities/lib/addresses.ts';

/**
 * Returns every address and every URL of a configuration, each with its host and with its path in
 * the file.
 */
export function endpoints({ anchor, github, slack, page, budget, projects }: Config): Endpoint[] {
  const found: Endpoint[] = [];
  const add = (path: Path, value: string, host: string) => found.push({ path, value, host });
  if (github) add(['github', 'api'], github.api, hostOfUrl(github.api));
  if (typeof anchor === 'object' && 'git' in anchor)
    add(['anchor', 'git'], anchor.git, hostOfRepository(anchor.git));
  if (slack) add(['slack', 'api'], slack.api, hostOfUrl(slack.api));
  const { webhook, smtp } = page ?? {};
  if (webhook && !webhook.startsWith('env:')) add(['page', 'webhook'], webhook, hostOfUrl(webhook));
  if (smtp) add(['page', 'smtp', 'host'], `${smtp.host}:${smtp.port}`, smtp.host);
  const { summary } = budget ?? {};
  if (summary) add(['budget', 'summary', 'url'], summary.url, hostOfUrl(summary.url));
  for (const [project, { repository, environments }] of Object.entries(projects)) {
    add(['projects', project, 'repository'], repository, hostOfRepository(repository));
    for (const [name, environment] of Object.entries(environments)) {
      const path = ['projects', project, 'environments', name];
      for (const one of endpointsOf(environment))
        found.push({ ...one, path: [...path, ...one.path] });
      environment.dependencies.forEach((url, index) =>
        add([...path, 'dependencies', index], url, hostOfUrl(url)),
      );
    }
  }
  return found;
}

/**
 * Returns the addresses that are not loopback. A configuration with `sandbox: true` must have none.
 */
export const remoteEndpoints = (config: Config): string[] =>
  endpoints(config)
    .filter(({ host }) => !isLoopback(host))
    .map(({ value }) => value);

/**
 * Returns true if the URL contains a user name or a password. The plan contains the URL, and
 * histories and the Web UI show the plan.
 */
export const hasCredentials = (value: string) => {
  if (!/^https?:/.test(value)) return false;
  const { username, password } = new URL(value);
  return username !== '' || password !== '';
};

export function hostOfRepository(repository: string) {
  if (/^(https?|ssh):/.test(repository)) return hostOfUrl(repository);
  return /@([^:/]+)[:/]/.exec(repository)?.[1] ?? repository;
}
