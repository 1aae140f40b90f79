import type { Config, VercelEnvironment } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';
import { isLoopback } from './endpoints.ts';

/** One project at Vercel belongs to one environment, and its token travels encrypted. */
export const vercelRules = (config: Config): Problem[] => {
  const all = onVercel(config);
  return [...taken(all), ...all.flatMap(encrypted), ...all.flatMap(noAccessLog)];
};

type OnVercel = { path: (string | number)[]; environment: VercelEnvironment };

const onVercel = ({ projects }: Config): OnVercel[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, environment]) =>
      environment.platform === 'vercel'
        ? [{ path: ['projects', project, 'environments', name], environment }]
        : [],
    ),
  );

function taken(all: OnVercel[]): Problem[] {
  const first = new Map<string, string>();
  return all.flatMap(({ path, environment: { api, team = '', project } }) => {
    const key = JSON.stringify([api, team, project]);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, path.join('.'));
      return [];
    }
    const what =
      `The Vercel project ${project} belongs to ${earlier} already: two deploys would promote over each other.\n` +
      'Give each environment a project of its own.';
    return [{ path: [...path, 'project'], what }];
  });
}

const encrypted = ({ path, environment }: OnVercel): Problem[] =>
  (['api', 'url'] as const).flatMap((key) => {
    const { protocol, hostname } = new URL(environment[key]);
    if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return [];
    const what =
      key === 'api'
        ? 'The token would travel in the clear.\nUse https://.'
        : 'Vercel serves production over https only.\nUse https://.';
    return [{ path: [...path, key], what }];
  });

const noAccessLog = ({ path, environment }: OnVercel): Problem[] =>
  environment.watch.accessLog === undefined
    ? []
    : [
        {
          path: [...path, 'watch', 'accessLog'],
          what:
            "An access log is read on hosts only; Vercel's own request counts are read where the plan has them.\n" +
            'Remove accessLog.',
        },
      ];
