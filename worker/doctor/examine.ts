import type { Config } from '../../domain/config/config.ts';
import { createBuilder } from '../../activities/builds/builder.ts';
import { defaultBuilds } from '../../domain/config/builds.ts';
import { budget } from './budget.ts';
import { builds } from './builds.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { github } from './github.ts';
import { ledger } from './ledger.ts';
import { page } from './page.ts';
import { requests } from './requests.ts';
import { seal } from './seal.ts';
import { examinePlatforms } from '../../activities/platforms/index.ts';
import { createAtBranch } from '../../activities/git/branch.ts';
import { repositoryToken } from '../../activities/github/installation-token.ts';
import { secret } from '../config/secrets.ts';
import { isSet, secrets } from './secrets.ts';
import { slackApprovals } from './slack-approvals.ts';
import { slack } from './slack.ts';

type How = {
  env: NodeJS.ProcessEnv;
  sendPage: boolean;
  /** The address of the Temporal server, as host:port. Default: a server on this machine. */
  address?: string | undefined;
};

/**
 * Checks everything that the configuration names. All checks run at the same time. The results have
 * the order of this list.
 */
export const examine = (config: Config, { env, sendPage, address }: How): Promise<Finding>[] => [
  secrets(config, env),
  seal(config, { env, address }),
  builds(config, createBuilder(config.builds ?? defaultBuilds)),
  ...requests(config),
  ledger(config, env),
  ...examinePlatforms(config, {
    secret: (ref) => secret(ref, env),
    isSet: (ref) => isSet(ref, env),
    atBranch: createAtBranch(repositoryToken(config, (ref) => secret(ref, env))),
  }),
  ...github(config, env),
  budget(config, env),
  slack(config, env),
  ...slackApprovals(config, env),
  page(config, { send: sendPage, at: new Date(), env }),
];
