import { hostOfUrl, isLoopback } from '../../domain/lib/hosts.ts';

export { hostOfUrl, isLoopback };

/** The keys that lead to a value in plimsoll.yaml. */
export type Path = readonly PropertyKey[];

/** An address that the worker connects to. `host`: the host name without port, brackets or user. */
export type Endpoint = { path: Path; value: string; host: string };

/**
 * True if others could read the traffic: the URL is not https, and its host is not this machine.
 */
export const isOpenLine = (url: string) =>
  new URL(url).protocol !== 'https:' && !isLoopback(hostOfUrl(url));
