import type { VercelTarget } from '../../plan.ts';
import { short } from '../served.ts';
import type { Words } from '../words.ts';

export const vercel: Words<VercelTarget> = {
  release: (target, sha) => [
    `bring ${short(sha)} onto ${target.branch}, unless it is there`,
    `take Vercel's newest production build of ${short(sha)} in ${target.project}, or start one where that commit is live already`,
    'smoke test it at its own address, before anybody is sent there',
    `promote it, keep domains from being assigned by themselves, prove production, ${domainOf(target)}` +
      `${target.version === null ? '' : ' and the served version'}`,
  ],
  restore: (target, { sha, platformId }) => [
    `roll ${target.project} back to ${short(sha)}${platformId === undefined ? '' : ` (${platformId})`}, ` +
      'prove it by probing; it comes back with the variables it was built with',
  ],
  source: "Vercel's own numbers",
  where: ({ project, team }) => [`Vercel project ${project}${team === null ? '' : ` of ${team}`}`],
};

const domainOf = ({ url }: VercelTarget) => new URL(url).host;
