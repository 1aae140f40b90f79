/** Returns true if the host is this machine. `host` has no port and no brackets. */
export const isLoopback = (host: string) =>
  /^(.+\.)?localhost$/.test(host) || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Returns the host of a URL, without port, brackets and user. */
export const hostOfUrl = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '');
