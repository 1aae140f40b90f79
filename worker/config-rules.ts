import type { Config, SmokePaths } from '../domain/schema.ts';
import { cloudflareRules } from './config-cloudflare.ts';
import { costRules, environmentRules, freezeRules } from './config-environments.ts';
import type { Problem } from './config-explain.ts';
import { northflankRules } from './config-northflank.ts';
import { peopleRules } from './config-people.ts';
import { slackRules } from './config-slack.ts';
import { repositoryRules } from './config-repositories.ts';
import { vercelRules } from './config-vercel.ts';
import { vpsRules } from './config-vps.ts';
import { triggerRules } from './config-triggers.ts';
import { endpoints, hasCredentials, isLoopback } from './endpoints.ts';

/** What a schema cannot say. Every broken rule, never only the first. */
export const brokenRules = (config: Config): Problem[] => [
  ...sandboxRules(config),
  ...pageRules(config),
  ...endpointRules(config),
  ...vpsRules(config),
  ...northflankRules(config),
  ...vercelRules(config),
  ...cloudflareRules(config),
  ...smokeRules(config),
  ...environmentRules(config),
  ...costRules(config),
  ...freezeRules(config),
  ...triggerRules(config),
  ...repositoryRules(config),
  ...peopleRules(config),
  ...slackRules(config),
];

function sandboxRules(config: Config): Problem[] {
  if (!config.sandbox)
    return config.timeScale === 1
      ? []
      : [
          {
            path: ['timeScale'],
            what:
              'Only a sandbox may scale time: production watches the full 15 and 30 minutes.\n' +
              'Remove timeScale, or set sandbox: true if every address is loopback.',
          },
        ];
  return endpoints(config)
    .filter(({ host }) => !isLoopback(host))
    .map(({ path, value }) => ({
      path,
      what:
        `sandbox: true is legal only if every address is loopback, and ${shown(value)} is not.\n` +
        'Use 127.0.0.1, or remove sandbox: true.',
    }));
}

/** A page that fails at its first use fails at the worst time. */
function pageRules({ page, sandbox }: Config): Problem[] {
  const { user, password } = page?.smtp ?? {};
  const halves = (user === undefined) !== (password === undefined);
  const hidden = sandbox && page?.webhook?.startsWith('env:') === true;
  return [
    ...(halves
      ? [
          {
            path: ['page', 'smtp', user === undefined ? 'password' : 'user'],
            what: 'user and password belong together.\nGive both, or none where the server asks for none.',
          },
        ]
      : []),
    ...(hidden
      ? [
          {
            path: ['page', 'webhook'],
            what:
              'sandbox: true is legal only if every address is loopback, and this one cannot be seen.\n' +
              'Write the address itself, such as http://127.0.0.1:8080/page.',
          },
        ]
      : []),
  ];
}

const shown = (value: string) => (hasCredentials(value) ? 'this one' : value);

function endpointRules(config: Config): Problem[] {
  const secretive = endpoints(config).filter(({ value }) => hasCredentials(value));
  return secretive.map(({ path }) => ({
    path,
    what:
      'This address contains a user name or password, which would be written to histories.\n' +
      'Remove it; a token belongs into the environment (env:NAME), a key into ssh.',
  }));
}

const smokeRules = ({ projects }: Config): Problem[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { smoke }]) =>
      provable(['projects', project, 'environments', name, 'smoke'], smoke),
    ),
  );

const provable = (path: Problem['path'], smoke: SmokePaths): Problem[] => {
  if (!Object.values(smoke).every((check) => check.startsWith('n/a'))) return [];
  const what =
    'Every path is n/a: nothing could ever prove a release healthy.\n' +
    'Name at least one path that answers when the service works, such as core: /';
  return [{ path, what }];
};
