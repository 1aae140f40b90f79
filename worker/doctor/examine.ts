import type { Config } from '../../domain/schema.ts';
import { budget } from './budget.ts';
import { cloudflare } from './cloudflare.ts';
import type { Finding } from './finding.ts';
import { github } from './github.ts';
import { hosts } from './hosts.ts';
import { ledger } from './ledger.ts';
import { northflank } from './northflank.ts';
import { page } from './page.ts';
import { requests } from './requests.ts';
import { secrets } from './secrets.ts';
import { slackApprovals } from './slack-approvals.ts';
import { slack } from './slack.ts';
import { vercel } from './vercel.ts';

type How = { env: NodeJS.ProcessEnv; sendPage: boolean };

/** Everything that the configuration names, all looked at at once, in the order to be read. */
export const examine = (config: Config, { env, sendPage }: How): Promise<Finding>[] => [
  secrets(config, env),
  ...requests(config),
  ledger(config, env),
  ...hosts(config),
  ...northflank(config, env),
  ...vercel(config, env),
  ...cloudflare(config, env),
  ...github(config, env),
  budget(config, env),
  slack(config, env),
  ...slackApprovals(config, env),
  page(config, { send: sendPage, at: new Date(), env }),
];
