import { authorshipOf } from '../../domain/approval/authorship-source.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/**
 * Checks that Plimsoll can find out who wrote the commits of each project. Without a verified
 * author, a person could write another name into a commit, and then approve the commit.
 */
export const authorshipRules = (config: Config): Problem[] =>
  Object.entries(config.projects).flatMap(([name, project]) => {
    const source = authorshipOf(config, project);
    if (source === null) return [{ path: ['projects', name], what: noSource }];
    if (source !== 'github') return [];
    const named = project.authorship ? ['projects', name, 'authorship'] : ['authorship'];
    if (config.github === undefined) return [{ path: named, what: noToken }];
    return project.github === undefined ? [{ path: ['projects', name], what: notAtGithub }] : [];
  });

const others =
  'Or write "authorship: signature" if people sign their commits with the keys in this file, or ' +
  '"authorship: git" to trust the names in the commits. With "authorship: git", every plan shows a warning.';

const noSource =
  'Nobody verifies who wrote the commits: an author can write any name into a commit, and then ' +
  `approve it.\nAdd "github: { token: env:GITHUB_TOKEN }" if the repository is at GitHub. ${others}`;

const noToken =
  '"authorship: github" needs a token of GitHub, and there is none.\n' +
  `Add "github: { token: env:GITHUB_TOKEN }". ${others}`;

const notAtGithub =
  '"authorship: github" needs the repository of the project at GitHub, and there is none.\n' +
  `Add "github: owner/name" to the project. ${others}`;
