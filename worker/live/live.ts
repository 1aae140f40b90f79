import { livePlatforms } from '../../activities/platforms/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { LiveCheck } from '../../domain/services/live.ts';
import { secret } from '../config/secrets.ts';
import { isSet } from '../doctor/secrets.ts';
import { githubLive } from './github.ts';
import { slackLive } from './slack.ts';

/** Returns the read requests of `plimsoll doctor --live`, in the order of its table. */
export const liveChecks = (config: Config, env: NodeJS.ProcessEnv): LiveCheck[] => [
  ...githubLive(config, env),
  ...livePlatforms(config, {
    secret: (ref) => secret(ref, env),
    isSet: (ref) => isSet(ref, env),
  }),
  ...slackLive(config, env),
];
