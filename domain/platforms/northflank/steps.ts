import { short } from '../../messages/parts/served.ts';
import type { Words } from '../platform.ts';
import type { NorthflankTarget } from './target.ts';

export const steps: Words<NorthflankTarget> = {
  release: (target, sha) => [
    `push ${short(sha)} to the branch, unless it is already there`,
    `take Northflank's own build of ${short(sha)}, or start one build if there is none`,
    `deploy that build to ${at(target)} and pin it`,
    `check rollout, containers on port ${target.port}, start-up log, and from outside ` +
      `${target.version === null ? 'health' : 'health and version'}`,
  ],
  rollback: (target, { sha, platformId }) => [
    `pin ${platformId === undefined ? 'the build' : `build ${platformId}`} of ${short(sha)} on ` +
      `${at(target)}, proven by probing`,
  ],
  afterRollback: () => [],
  source: 'the runtime log',
  where: (target) => [`service ${at(target)}${target.team ? ` of team ${target.team}` : ''}`],
};

const at = ({ project, service }: NorthflankTarget) => `${project}/${service}`;
