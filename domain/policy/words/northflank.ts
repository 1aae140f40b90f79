import type { NorthflankTarget } from '../../plan.ts';
import { short } from '../served.ts';
import type { Words } from '../words.ts';

export const northflank: Words<NorthflankTarget> = {
  release: (target, sha) => [
    `bring ${short(sha)} onto the branch, unless it is there`,
    `let Northflank build ${short(sha)}: its own build, or one that is started; never two`,
    `deploy that build to ${at(target)} and pin it`,
    `prove rollout, containers on port ${target.port}, start-up log and ` +
      `${target.version === null ? 'health' : 'health and version'} outside`,
  ],
  restore: (target, { sha, platformId }) => [
    `pin ${platformId === undefined ? 'the build' : `build ${platformId}`} of ${short(sha)} on ` +
      `${at(target)}, prove it by probing`,
  ],
  source: 'the runtime log',
  where: (target) => [`service ${at(target)}${target.team ? ` of team ${target.team}` : ''}`],
};

const at = ({ project, service }: NorthflankTarget) => `${project}/${service}`;
