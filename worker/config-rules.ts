import type { Config, SmokePaths } from '../domain/schema.ts';
import { environmentRules } from './config-environments.ts';
import type { Problem } from './config-explain.ts';
import { peopleRules } from './config-people.ts';
import { repositoryRules } from './config-repositories.ts';
import { endpoints, hasCredentials, isLoopback, splitAddress } from './endpoints.ts';

/** What a schema cannot say. Every broken rule, never only the first. */
export const brokenRules = (config: Config): Problem[] => [
  ...sandboxRules(config),
  ...pageRules(config),
  ...endpointRules(config),
  ...placeRules(config),
  ...runRules(config),
  ...smokeRules(config),
  ...environmentRules(config),
  ...repositoryRules(config),
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

/** A page that fails at its first use fails at the worst time. */
function pageRules({ page, sandbox }: Config): Problem[] {
  const { user, password } = page?.smtp ?? {};
  const halves = (user === undefined) !== (password === undefined);
  const hidden = sandbox && page?.webhook?.startsWith('env:') === true;
  return [
    ...(halves
      ? [
          {
            path: ['page', 'smtp', user === undefined ? 'password' : 'user'],
            what: 'user and password belong together.\nGive both, or none where the server asks for none.',
          },
        ]
      : []),
    ...(hidden
      ? [
          {
            path: ['page', 'webhook'],
            what:
              'sandbox: true is legal only if every address is loopback, and this one cannot be seen.\n' +
              'Write the address itself, such as http://127.0.0.1:8080/page.',
          },
        ]
      : []),
  ];
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
    Object.entries(environments).flatMap(([name, { hosts, directory, ...runs }]) =>
      hosts.map(({ address, directory: own }, index) => ({
        path: ['projects', project, 'environments', name, 'hosts', index],
        address,
        directory: own ?? directory,
        service: runs.service ?? runs.container ?? `compose ${runs.compose?.project ?? directory}`,
      })),
    ),
  );

/** Exactly one way to run it. */
function runRules({ projects }: Config): Problem[] {
  return Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { service, container, compose }]) => {
      const ways = [service, container, compose].filter((way) => way !== undefined);
      if (ways.length === 1) return [];
      const what =
        `${ways.length === 0 ? 'None' : 'More than one'} of service, container and compose is set, ` +
        'and one of them says what is restarted.\n' +
        'Use service: for a systemd unit, container: for docker restart, compose: for docker compose up.';
      return [{ path: ['projects', project, 'environments', name], what }];
    }),
  );
}

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
