import type { Config, Environment, VpsEnvironment } from '../domain/schema.ts';
import type { Path } from './config-source.ts';

/** A place that the worker talks to; `host` without port, brackets or user. */
export type Endpoint = { path: Path; value: string; host: string };

/** Every address and URL of a configuration, in the order of the file. */
export function endpoints({ github, slack, page, budget, projects }: Config): Endpoint[] {
  const found: Endpoint[] = [];
  const add = (path: Path, value: string, host: string) => found.push({ path, value, host });
  if (github) add(['github', 'api'], github.api, hostOfUrl(github.api));
  if (slack) add(['slack', 'api'], slack.api, hostOfUrl(slack.api));
  const { webhook, smtp } = page ?? {};
  if (webhook && !webhook.startsWith('env:')) add(['page', 'webhook'], webhook, hostOfUrl(webhook));
  if (smtp) add(['page', 'smtp', 'host'], `${smtp.host}:${smtp.port}`, smtp.host);
  const { summary } = budget ?? {};
  if (summary) add(['budget', 'summary', 'url'], summary.url, hostOfUrl(summary.url));
  for (const [project, { repository, environments }] of Object.entries(projects)) {
    add(['projects', project, 'repository'], repository, hostOfRepository(repository));
    for (const [name, environment] of Object.entries(environments)) {
      const path = ['projects', project, 'environments', name];
      found.push(...endpointsOf(environment, path));
      environment.dependencies.forEach((url, index) =>
        add([...path, 'dependencies', index], url, hostOfUrl(url)),
      );
    }
  }
  return found;
}

/** Of what an environment runs on. */
function endpointsOf(environment: Environment, path: (string | number)[]): Endpoint[] {
  const url = (value: string, ...at: (string | number)[]) => ({
    path: [...path, ...at],
    value,
    host: hostOfUrl(value),
  });
  if (environment.platform === 'vps') return onHosts(environment, path, url);
  const { preview } = 'preview' in environment ? environment : {};
  return [
    url(environment.api, 'api'),
    url(environment.url, 'url'),
    ...(preview === undefined
      ? []
      : [{ path: [...path, 'preview'], value: preview, host: hostOfUrl(ofSome(preview)) }]),
  ];
}

/** The address that a template has for some version. */
export const ofSome = (preview: string) => preview.replace('{version}', '00000000');

type UrlAt = (value: string, ...at: (string | number)[]) => Endpoint;

function onHosts({ hosts, health }: VpsEnvironment, path: (string | number)[], url: UrlAt) {
  return [
    ...hosts.flatMap(({ address, url: own, health: asked }, index) => [
      {
        path: [...path, 'hosts', index, 'address'],
        value: address,
        host: splitAddress(address)?.host ?? address,
      },
      url(own, 'hosts', index, 'url'),
      ...(asked ? [url(asked, 'hosts', index, 'health')] : []),
    ]),
    url(health, 'health'),
  ];
}

/** What a configuration with `sandbox: true` must not have. */
export const remoteEndpoints = (config: Config): string[] =>
  endpoints(config)
    .filter(({ host }) => !isLoopback(host))
    .map(({ value }) => value);

/** `user@host[:port]`, IPv6 in brackets; undefined where the port cannot be told from the address. */
export function splitAddress(address: string) {
  const parts = /^([^@]+)@(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]-][^:[\]]*))(?::(\d{1,5}))?$/.exec(
    address,
  );
  if (!parts) return undefined;
  const [, user, bracketed, plain, port] = parts;
  return { user: user!, host: (bracketed ?? plain)!.toLowerCase(), port: Number(port ?? 22) };
}

export const isLoopback = (host: string) =>
  /^(.+\.)?localhost$/.test(host) || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** A password in a URL would reach histories and the Web UI with the plan. */
export const hasCredentials = (value: string) => {
  if (!/^https?:/.test(value)) return false;
  const { username, password } = new URL(value);
  return username !== '' || password !== '';
};

export const hostOfUrl = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '');

export function hostOfRepository(repository: string) {
  if (/^(https?|ssh):/.test(repository)) return hostOfUrl(repository);
  return /@([^:/]+)[:/]/.exec(repository)?.[1] ?? repository;
}
