import type { Path } from '../../lib/addresses.ts';
import { splitAddress } from '../../../domain/platforms/vps/address.ts';
import type { PlaceOn, Problem } from '../module.ts';
import { readableAccessLog } from '../places.ts';
import { hostPattern } from './log/access-pattern.ts';
import { composeProject } from './target.ts';

type Places = readonly PlaceOn<'vps'>[];

/**
 * Rules that the schema cannot express. Two environments must not share a directory or a service on
 * one host. An environment must set exactly one of service, container and compose. Only one service
 * may use a directory. docker compose needs a project name. The hosts must be able to read the
 * pattern of the access log.
 */
export const rules = (all: Places): Problem[] => [
  ...placeRules(all),
  ...runRules(all),
  ...directoryRules(all),
  ...composeRules(all),
  ...readableAccessLog(
    all,
    (pattern) => hostPattern(pattern) !== null,
    "Use letters, digits, \\d, \\s, \\w, [ ], ( ), |, *, + and ?, such as '\"(GET|POST) '. " +
      'Not every awk reads look-ahead, \\b, or lazy or counted groups.',
  ),
];

type Place = { path: Path; address: string; directory: string; service: string };

/**
 * Returns a problem if two environments share a directory or a service on one host, or if an
 * environment lists a host twice.
 */
function placeRules(all: Places): Problem[] {
  const taken = new Map<string, string>();
  return places(all).flatMap(({ path, address, directory, service }) => {
    const at = splitAddress(address);
    const bad = (what: string): Problem[] => [{ path: [...path, 'address'], what }];
    if (!at) return [];
    const host = `${at.host.toLowerCase()}:${at.port}`;
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
    ? `${host} is listed twice in this environment, first at ${earlier}.\n` +
      'Remove one of the two entries.'
    : `The ${kind} ${key} on ${host} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      `Give each environment its own directory and service.`;

const places = (all: Places): Place[] =>
  all.flatMap(({ path, environment: { hosts, directory, ...runs } }) =>
    hosts.map(({ address, directory: own }, index) => ({
      path: [...path, 'hosts', index],
      address,
      directory: own ?? directory,
      service: runs.service ?? runs.container ?? `compose ${runs.compose?.project ?? directory}`,
    })),
  );

/** Returns a problem if not exactly one of service, container and compose is set. */
const runRules = (all: Places): Problem[] =>
  all.flatMap(({ path, environment: { service, container, compose } }) => {
    const ways = [service, container, compose].filter((way) => way !== undefined);
    if (ways.length === 1) return [];
    const what =
      `${ways.length === 0 ? 'None' : 'More than one'} of service, container and compose is set. ` +
      'Set exactly one, so that it is clear what a deploy restarts.\n' +
      'Use service: for a systemd unit, container: for docker restart, compose: for docker compose up.';
    return [{ path, what }];
  });

/**
 * Returns a problem for a compose service without a project name. This is the case if
 * compose.project is not set, and docker compose can make no project name from the directory.
 */
const composeRules = (all: Places): Problem[] =>
  all.flatMap(({ path, environment: { compose, directory } }) => {
    if (!compose || (compose.project ?? composeProject(directory)) !== '') return [];
    const what =
      `docker compose finds no project name in ${directory}, because its last part has no letter ` +
      'and no digit.\nSet compose.project, such as project: shop.';
    return [{ path: [...path, 'compose'], what }];
  });

const directoryRules = (all: Places): Problem[] =>
  all.flatMap(({ path, environment: { directory, hosts } }) => [
    ...ownDirectory([...path, 'directory'], directory),
    ...hosts.flatMap((host, index) =>
      ownDirectory([...path, 'hosts', index, 'directory'], host.directory),
    ),
  ]);

const ownDirectory = (path: Problem['path'], directory = '/srv'): Problem[] => {
  const shared = directory.split('/').includes('..') || directory.replaceAll('/', '') === '';
  const what = 'Use a directory that only this service has, without "..", such as /srv/shop.';
  return shared ? [{ path, what }] : [];
};
