import type { Config, VpsEnvironment } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';
import { splitAddress } from './endpoints.ts';

/** Hosts that can be reached, shared with nobody, with one way to run what is there. */
export const vpsRules = (config: Config): Problem[] => [
  ...placeRules(config),
  ...runRules(config),
  ...directoryRules(config),
];

type OnVps = { path: (string | number)[]; environment: VpsEnvironment };

const onVps = ({ projects }: Config): OnVps[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, environment]) =>
      environment.platform === 'vps'
        ? [{ path: ['projects', project, 'environments', name], environment }]
        : [],
    ),
  );

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

const places = (config: Config): Place[] =>
  onVps(config).flatMap(({ path, environment: { hosts, directory, ...runs } }) =>
    hosts.map(({ address, directory: own }, index) => ({
      path: [...path, 'hosts', index],
      address,
      directory: own ?? directory,
      service: runs.service ?? runs.container ?? `compose ${runs.compose?.project ?? directory}`,
    })),
  );

/** Exactly one way to run it. */
const runRules = (config: Config): Problem[] =>
  onVps(config).flatMap(({ path, environment: { service, container, compose } }) => {
    const ways = [service, container, compose].filter((way) => way !== undefined);
    if (ways.length === 1) return [];
    const what =
      `${ways.length === 0 ? 'None' : 'More than one'} of service, container and compose is set, ` +
      'and one of them says what is restarted.\n' +
      'Use service: for a systemd unit, container: for docker restart, compose: for docker compose up.';
    return [{ path, what }];
  });

const directoryRules = (config: Config): Problem[] =>
  onVps(config).flatMap(({ path, environment: { directory, hosts } }) => [
    ...ownDirectory([...path, 'directory'], directory),
    ...hosts.flatMap((host, index) =>
      ownDirectory([...path, 'hosts', index, 'directory'], host.directory),
    ),
  ]);

const ownDirectory = (path: Problem['path'], directory = '/srv'): Problem[] => {
  const shared = directory.split('/').includes('..') || directory.replaceAll('/', '') === '';
  const what = 'Use a directory of its own, without "..", such as /srv/shop.';
  return shared ? [{ path, what }] : [];
};
