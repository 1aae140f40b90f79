import type { Config } from '../../domain/config/config.ts';
import { hostOfUrl, isLoopback } from './endpoints.ts';
import type { Problem } from './explain.ts';

/**
 * Checks that the door uses encryption. A door that only this machine can reach needs no
 * encryption.
 */
export function webRules({ web }: Config): Problem[] {
  if (!web) return [];
  const { listen, url, tls } = web;
  const { origin, protocol } = new URL(url);
  const here = isLoopback(hostOfUrl(`http://${listen}`)) && isLoopback(hostOfUrl(url));
  const at = ['web', 'url'];
  if (url !== origin && url !== `${origin}/`)
    return [{ path: at, what: `The address has more than a host and a port.\nWrite: ${origin}` }];
  if (protocol === 'https:') return [];
  if (tls)
    return [
      {
        path: at,
        what: `The door has a certificate, and its address begins with http.\nWrite: https${url.slice(4)}`,
      },
    ];
  if (here) return [];
  return [
    {
      path: at,
      what:
        'Without https, everybody between a person and the door could read and use a session.\n' +
        'Write an https:// address. Then add tls: { cert, key }, or put a proxy with a certificate ' +
        'in front of the door. http:// is allowed only if listen and url are 127.0.0.1.',
    },
  ];
}
