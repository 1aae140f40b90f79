import type { CloudflareEnvironment, Config } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';
import { hostOfUrl, isLoopback, ofSome } from './endpoints.ts';

/** One Worker belongs to one environment, and its token and its visitors travel encrypted. */
export const cloudflareRules = (config: Config): Problem[] => {
  const all = onCloudflare(config);
  return [...taken(all), ...all.flatMap(encrypted), ...all.flatMap(noAccessLog)];
};

type OnCloudflare = { path: (string | number)[]; environment: CloudflareEnvironment };

const onCloudflare = ({ projects }: Config): OnCloudflare[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, environment]) =>
      environment.platform === 'cloudflare'
        ? [{ path: ['projects', project, 'environments', name], environment }]
        : [],
    ),
  );

function taken(all: OnCloudflare[]): Problem[] {
  const first = new Map<string, string>();
  return all.flatMap(({ path, environment: { api, account, worker } }) => {
    const key = [api, account, worker].join(' ');
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, path.join('.'));
      return [];
    }
    const what =
      `The worker ${worker} belongs to ${earlier} already: two deploys would overwrite each other.\n` +
      'Give each environment a worker of its own.';
    return [{ path: [...path, 'worker'], what }];
  });
}

const whys = {
  api: 'The token would travel in the clear.\nUse https://.',
  url: 'Cloudflare serves production over https.\nUse https://.',
  preview: 'Cloudflare serves the addresses of versions over https.\nUse https://.',
};

const encrypted = ({ path, environment }: OnCloudflare): Problem[] =>
  (['api', 'url', 'preview'] as const).flatMap((key) => {
    const address = environment[key];
    if (address === undefined || address.startsWith('https:')) return [];
    const local = isLoopback(hostOfUrl(ofSome(address)));
    return local ? [] : [{ path: [...path, key], what: whys[key] }];
  });

const noAccessLog = ({ path, environment }: OnCloudflare): Problem[] =>
  environment.watch.accessLog === undefined
    ? []
    : [
        {
          path: [...path, 'watch', 'accessLog'],
          what: "An access log is read on hosts only; of a Worker, Cloudflare's analytics are read.\nRemove accessLog.",
        },
      ];
