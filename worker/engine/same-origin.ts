import type { IncomingMessage } from 'node:http';

/**
 * The host names that lead to this machine. A request with another host name is refused. In the
 * attack "DNS rebinding", a page of another site makes its own host name lead to this machine.
 */
const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Returns null if the request comes from a page of this server itself, from the address bar, from a
 * link, or from a program. Otherwise, returns the reason, for people. This check stops only web
 * pages, because a program on this machine can send any header.
 */
export function whyForeign({ method, headers }: IncomingMessage): string | null {
  const host = headers.host ?? '';
  if (!loopbackNames.has(host.replace(/:\d{1,5}$/, '')))
    return 'The request does not name this machine as its host.';
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return 'The request comes from a page of another site.';
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return null;
  const isLink =
    method === 'GET' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document';
  return isLink ? null : 'The request comes from a page of another site.';
}
