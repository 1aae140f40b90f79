import { platformRules } from '../../activities/platforms/index.ts';
import type { SmokePaths } from '../../domain/deploy/plan.ts';
import type { Config } from '../../domain/config/config.ts';
import { authorshipRules } from './authorship.ts';
import { buildsRules } from './builds.ts';
import { costRules, environmentRules, freezeRules } from './environments.ts';
import { anchorRules } from './anchor.ts';
import type { Problem } from './explain.ts';
import { hostRules } from './hosts.ts';
import { peopleRules } from './people.ts';
import { slackRules } from './slack.ts';
import { repositoryRules } from './repositories.ts';
import { sealRules } from './seal.ts';
import { triggerRules } from './triggers.ts';
import { endpoints, hasCredentials, isLoopback } from './endpoints.ts';
import { webRules } from './web.ts';

/** Checks the rules that a schema cannot express. Returns every broken rule, not only the first. */
export const brokenRules = (config: Config): Problem[] => [
  ...sandboxRules(config),
  ...pageRules(config),
  ...sealRules(config),
  ...anchorRules(config),
  ...endpointRules(config),
  ...platformRules(config),
  ...hostRules(config),
  ...smokeRules(config),
  ...environmentRules(config),
  ...costRules(config),
  ...freezeRules(config),
  ...triggerRules(config),
  ...repositoryRules(config),
  ...peopleRules(config),
  ...authorshipRules(config),
  ...slackRules(config),
  ...webRules(config),
  ...buildsRules(config),
];

function sandboxRules(config: Config): Problem[] {
  if (!config.sandbox)
    return config.timeScale === 1
      ? []
      : [
          {
            path: ['timeScale'],
            what:
              'Only a sandbox may scale time. In production, a watch takes its full time.\n' +
              'Remove timeScale, or set sandbox: true if every address is loopback.',
          },
        ];
  return endpoints(config)
    .filter(({ host }) => !isLoopback(host))
    .map(({ path, value }) => ({
      path,
      what:
        `sandbox: true is allowed only if every address is loopback, and ${shown(value)} is not.\n` +
        'Use 127.0.0.1, or remove sandbox: true.',
    }));
}

/**
 * Checks the page settings when the configuration is loaded. The first page would be too late to
 * find a wrong setting.
 */
function pageRules({ page, sandbox }: Config): Problem[] {
  const { user, password } = page?.smtp ?? {};
  const halves = (user === undefined) !== (password === undefined);
  const hidden = sandbox && page?.webhook?.startsWith('env:') === true;
  return [
    ...(halves
      ? [
          {
            path: ['page', 'smtp', user === undefined ? 'password' : 'user'],
            what: 'user and password belong together.\nGive both. If the server asks for no password, remove both.',
          },
        ]
      : []),
    ...(hidden
      ? [
          {
            path: ['page', 'webhook'],
            what:
              'sandbox: true is allowed only if every address is loopback, and an address in a variable cannot be checked.\n' +
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
      'Remove both. Put a token into the environment (env:NAME), and use a key for ssh.',
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
