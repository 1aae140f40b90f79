import type { Practice } from './open.ts';

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** To be read by a shell; holds the token. */
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

/** What is there now. */
export const pageText = (practice: Practice, file: string) => `
Practice, all of it on this machine:
  repository  ${practice.repository}
  GitHub      ${practice.github}, whose CI runs npm test
  host        ${practice.host.address}, whose unit "${practice.name}" runs node server.mjs
  customers   ${practice.host.url}

In every other terminal, in this directory: . ${file}
Ctrl-C ends it and leaves nothing behind.
`;
