import type { Practice } from './open.ts';

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Returns the text of a shell file that sets the variables for practice. The text contains the
 * GitHub token.
 */
export function environmentText({ repository, credentials, github, host, token }: Practice) {
  const variables = {
    PRACTICE_REPOSITORY: repository,
    PRACTICE_CREDENTIALS: credentials,
    PRACTICE_GITHUB: github,
    PRACTICE_HOST: host.address,
    PRACTICE_DIRECTORY: host.directory,
    PRACTICE_URL: host.url,
    GITHUB_TOKEN: token,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  return `${lines.join('\n')}\n`;
}

/** Returns the text that tells a person which parts are running. */
export const pageText = (practice: Practice, file: string) => `
Everything for practice runs on this machine:
  repository  ${practice.repository}
  GitHub      ${practice.github} (its CI runs npm test)
  host        ${practice.host.address} (its unit "${practice.name}" runs node server.mjs)
  customers   ${practice.host.url}

In every other terminal, type in this directory: . ${file}
Press Ctrl-C to stop everything and to delete all files of the practice.
`;
