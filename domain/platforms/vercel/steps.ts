import { short } from '../../messages/parts/served.ts';
import type { Words } from '../platform.ts';
import type { VercelTarget } from './target.ts';

export const steps: Words<VercelTarget> = {
  release: (target, sha) => [
    `push ${short(sha)} to ${target.branch}, unless it is already there`,
    `take Vercel's newest production build of ${short(sha)} in ${target.project}, or start a new ` +
      'build if that commit is already live',
    'smoke test the build at its own address, before it gets any traffic',
    'promote the build, turn automatic domain assignment off, prove production, ' +
      `${domainOf(target)}${target.version === null ? '' : ' and the served version'}`,
  ],
  rollback: (target, { sha, platformId }) => [
    `roll ${target.project} back to ${short(sha)}` +
      `${platformId === undefined ? '' : ` (${platformId})`}, proven by probing; this release ` +
      'keeps the variables with which it was built',
  ],
  afterRollback: () => [],
  source: "Vercel's own numbers",
  where: ({ project, team }) => [`Vercel project ${project}${team === null ? '' : ` of ${team}`}`],
};

const domainOf = ({ url }: VercelTarget) => new URL(url).host;
