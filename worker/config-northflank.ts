import type { Config, NorthflankEnvironment } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';
import { isLoopback } from './endpoints.ts';

type AtNorthflank = { path: (string | number)[]; environment: NorthflankEnvironment };

const atNorthflank = ({ projects }: Config): AtNorthflank[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, environment]) =>
      environment.platform === 'northflank'
        ? [{ path: ['projects', project, 'environments', name], environment }]
        : [],
    ),
  );

/** One service belongs to one environment, and its token never goes over an open line. */
export const northflankRules = (config: Config): Problem[] => [
  ...sharedServices(config),
  ...openLines(config),
];

function sharedServices(config: Config): Problem[] {
  const taken = new Map<string, string>();
  return atNorthflank(config).flatMap(({ path, environment }) => {
    const { api, team, project, service } = environment;
    const key = [api, team ?? '', project, service].join(' ');
    const earlier = taken.get(key);
    if (earlier === undefined) {
      taken.set(key, path.join('.'));
      return [];
    }
    const what =
      `The service ${project}/${service} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      'Give each environment its own service.';
    return [{ path: [...path, 'service'], what }];
  });
}

const openLines = (config: Config): Problem[] =>
  atNorthflank(config).flatMap(({ path, environment: { api } }) => {
    const { protocol, hostname } = new URL(api);
    if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return [];
    const what =
      'This address is not https, so the token would be read on its way.\n' +
      'Use https, or leave it out: the default is https://api.northflank.com.';
    return [{ path: [...path, 'api'], what }];
  });
