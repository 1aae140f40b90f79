import type { Config, SmokePaths } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';
import { peopleRules } from './config-people.ts';
import { endpoints, hasCredentials, isLoopback, splitAddress } from './endpoints.ts';

/** What a schema cannot say. Every broken rule, never only the first. */
export const brokenRules = (config: Config): Problem[] => [
  ...sandboxRules(config),
  ...endpointRules(config),
  ...placeRules(config),
  ...smokeRules(config),
  ...peopleRules(config),
];

function sandboxRules(config: Config): Problem[] {
  if (!config.sandbox)
    return config.timeScale === 1
      ? []
      : [
          {
            path: ['timeScale'],
            what:
              'Only a sandbox may scale time: production watches the full 15 and 30 minutes.\n' +
              'Remove timeScale, or set sandbox: true if every address is loopback.',
          },
        ];
  return endpoints(config)
    .filter(({ host }) => !isLoopback(host))
    .map(({ path, value }) => ({
      path,
      what:
        `sandbox: true is legal only if every address is loopback, and ${shown(value)} is not.\n` +
        'Use 127.0.0.1, or remove sandbox: true.',
    }));
}

const shown = (value: string) => (hasCredentials(value) ? 'this one' : value);

function endpointRules(config: Config): Problem[] {
  const secretive = endpoints(config).filter(({ value }) => hasCredentials(value));
  return secretive.map(({ path }) => ({
    path,
    what:
      'This address contains a user name or password, which would be written to histories.\n' +
      'Remove it; a token belongs into the environment (env:NAME), a key into ssh.',
  }));
}

type Place = { path: (string | number)[]; address: string; directory: string; service: string };

/** Two environments must not fight over one directory or service, nor one host be deployed twice. */
function placeRules(config: Config): Problem[] {
  const taken = new Map<string, string>();
  return places(config).flatMap(({ path, address, directory, service }) => {
    const at = splitAddress(address);
    const bad = (what: string): Problem[] => [{ path: [...path, 'address'], what }];
    if (!at) return bad(`An IPv6 address stands in brackets: user@[2001:db8::1]:22.`);
    if (at.port < 1 || at.port > 65535) return bad(`A port is between 1 and 65535.`);
    const host = `${at.host}:${at.port}`;
    const keys = { host: path.slice(0, 4).join('.'), directory, service };
    for (const [kind, key] of Object.entries(keys)) {
      const earlier = taken.get(`${host} ${kind} ${key}`);
      if (earlier) return bad(twice(kind, key, host, earlier));
    }
    for (const [kind, key] of Object.entries(keys))
      taken.set(`${host} ${kind} ${key}`, path.join('.'));
    return [];
  });
}

const twice = (kind: string, key: string, host: string, earlier: string) =>
  kind === 'host'
    ? `${host} is listed twice in this environment; the first is ${earlier}.\nRemove one of them.`
    : `The ${kind} ${key} on ${host} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      `Give each environment its own directory and service.`;

const places = ({ projects }: Config): Place[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { hosts, directory, service }]) =>
      hosts.map(({ address, directory: own }, index) => ({
        path: ['projects', project, 'environments', name, 'hosts', index],
        address,
        directory: own ?? directory,
        service,
      })),
    ),
  );

function smokeRules({ projects }: Config): Problem[] {
  return Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { smoke, directory, hosts }]) => {
      const path = ['projects', project, 'environments', name];
      const ofHosts = hosts.flatMap((host, index) =>
        ownDirectory([...path, 'hosts', index, 'directory'], host.directory),
      );
      return [
        ...provable([...path, 'smoke'], smoke),
        ...ownDirectory([...path, 'directory'], directory),
        ...ofHosts,
      ];
    }),
  );
}

const provable = (path: Problem['path'], smoke: SmokePaths): Problem[] => {
  if (!Object.values(smoke).every((check) => check.startsWith('n/a'))) return [];
  const what =
    'Every path is n/a: nothing could ever prove a release healthy.\n' +
    'Name at least one path that answers when the service works, such as core: /';
  return [{ path, what }];
};

const ownDirectory = (path: Problem['path'], directory = '/srv'): Problem[] => {
  const shared = directory.split('/').includes('..') || directory.replaceAll('/', '') === '';
  const what = 'Use a directory of its own, without "..", such as /srv/shop.';
  return shared ? [{ path, what }] : [];
};
