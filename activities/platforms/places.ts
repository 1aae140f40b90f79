import type { EnvironmentOf, Platform } from '../../domain/platforms/index.ts';
import type { Config, Environment } from '../../domain/config/config.ts';
import { hostOfUrl, isOpenLine } from '../lib/addresses.ts';
import type { Endpoint, Path } from '../lib/addresses.ts';
import type { PlaceOn, Problem } from './module.ts';

const everyPlace = ({ projects }: Pick<Config, 'projects'>) =>
  Object.entries(projects).flatMap(([name, project]) =>
    Object.entries(project.environments).map(([key, environment]) => ({
      path: ['projects', name, 'environments', key] as Path,
      project,
      environment,
    })),
  );

const isOn = <P extends Platform>(
  environment: Environment,
  platform: P,
): environment is Environment & EnvironmentOf<P> => environment.platform === platform;

/** Returns every environment on the platform, in the order of plimsoll.yaml. */
export const placesOn = <P extends Platform>(
  config: Pick<Config, 'projects'>,
  platform: P,
): PlaceOn<P>[] =>
  everyPlace(config).flatMap(({ path, project, environment }) =>
    isOn(environment, platform) ? [{ path, project, environment }] : [],
  );

/**
 * Returns a problem for each environment whose token would be sent over plain http to another
 * machine.
 */
export const openLines = (config: Config): Problem[] =>
  everyPlace(config).flatMap(({ path, environment }) => {
    if (!('token' in environment && 'api' in environment)) return [];
    if (!isOpenLine(environment.api)) return [];
    const what = 'The token would be sent unencrypted.\nUse https://.';
    return [{ path: [...path, 'api'], what }];
  });

/**
 * Returns a problem for each environment that has the same key as an earlier environment. `keyOf`
 * makes the key. `at` is the setting to correct. `what` makes the text of the problem.
 */
export function sharedBy<P extends Platform>(
  places: readonly PlaceOn<P>[],
  at: string,
  {
    keyOf,
    what,
  }: {
    keyOf(environment: EnvironmentOf<P>): unknown[];
    what(environment: EnvironmentOf<P>, earlier: string): string;
  },
): Problem[] {
  const first = new Map<string, string>();
  return places.flatMap(({ path, environment }) => {
    const key = JSON.stringify(keyOf(environment));
    const earlier = first.get(key);
    if (earlier !== undefined) return [{ path: [...path, at], what: what(environment, earlier) }];
    first.set(key, path.map(String).join('.'));
    return [];
  });
}

/**
 * Returns a problem for each environment that sets `accessLog`. This function is for platforms
 * whose access log Plimsoll does not read. `instead` is a sentence that names the other source.
 */
export const withoutAccessLog = <P extends Platform>(
  places: readonly PlaceOn<P>[],
  instead: string,
): Problem[] =>
  places.flatMap(({ path, environment: { watch } }) => {
    if (watch.accessLog === undefined) return [];
    const what = `Plimsoll reads no access log on this platform. ${instead}\nRemove accessLog.`;
    return [{ path: [...path, 'watch', 'accessLog'], what }];
  });

/**
 * Returns a problem for each environment whose `accessLog` is empty, or is not a pattern that this
 * platform can read. With such a pattern, every watch would get no data from the log.
 */
export const readableAccessLog = <P extends Platform>(
  places: readonly PlaceOn<P>[],
  isReadable: (pattern: string) => boolean,
  remedy: string,
): Problem[] =>
  places.flatMap(({ path, environment: { watch } }) => {
    const { accessLog } = watch;
    if (accessLog === undefined || (accessLog !== '' && isReadable(accessLog))) return [];
    const what = `Plimsoll cannot count requests with this pattern.\n${remedy}`;
    return [{ path: [...path, 'watch', 'accessLog'], what }];
  });

/**
 * Returns the address in the setting `key`, with its host. If `value` is not a valid URL but a
 * pattern, `url` must be an example of this pattern.
 */
export const endpointAt = (key: string, value: string, url = value): Endpoint => ({
  path: [key],
  value,
  host: hostOfUrl(url),
});
