import type { Answers } from './answers.ts';

export type First = Answers & {
  hostKey: string;
  /** The branch of the project. Undefined means "main". */
  branch: string | undefined;
  /** The name, the public key and the address of the person who may approve. */
  name: string;
  key: string;
  email: string | undefined;
  identity: string | undefined;
  /**
   * The address of the GitHub API. Null means github.com. Undefined means that the repository is
   * not at GitHub.
   */
  github: string | null | undefined;
  /** The factor by which time passes faster in a sandbox. Undefined without a sandbox. */
  sandbox: number | undefined;
};

/**
 * Returns the text of a first plimsoll.yaml with one human, one host and one environment. Without
 * its comments, the text has at most twelve lines.
 */
export const firstYaml = (it: First) =>
  `# See every key with its meaning: plimsoll schema --example
${sandboxLines(it)}${githubLines(it)}\
# For one human alone. With two approvers, remove this line: then nobody approves their own work.${teamLines(it)}
solo: file-key
approvers: { ${value(it.name)}: { keys: [${value(it.key)}]${it.email ? `, emails: [${value(it.email)}]` : ''} } }
projects:
  ${value(it.project)}:
    repository: ${value(it.repository)}${branchLine(it)}
    # The check runs or statuses that a commit must have passed.
    tests: { required: [test] }
    environments: { production: { platform: vps, directory: ${value(it.directory)}, service: ${value(it.service)}, health: ${value(it.health)},
        # Compare hostKey with the output of this command on the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
        ${it.identity ? `identity: ${value(it.identity)}, ` : ''}hosts: [{ address: ${value(it.host)}, hostKey: ${value(it.hostKey)}, url: ${value(it.url)} }],
        # Paths that must answer after every release. Put your own paths here.
        smoke: { auth: 'n/a: not named yet', payments: 'n/a: not named yet', core: / } } }

# The keys page and slack are not configured yet. They page and notify people.
`;

const teamLines = ({ github, sandbox }: First) =>
  github === undefined && sandbox === undefined
    ? '\n# Without GitHub, a team also writes "authorship: signature" (signed commits) or "authorship: git".'
    : '';

const branchLine = ({ branch }: First) =>
  branch === undefined || branch === 'main' ? '' : `\n    branch: ${value(branch)}`;

const sandboxLines = ({ sandbox }: First) =>
  sandbox === undefined
    ? ''
    : `# Only to try Plimsoll: every address is this machine, and time passes faster, also in the watch.
sandbox: true
timeScale: ${sandbox}
`;

const githubLines = ({ github }: First) =>
  github === undefined
    ? ''
    : `# Plimsoll reads the checks of a commit and pushes reverts. If the token may not push, set revert: off.
github: { ${github === null ? '' : `api: ${value(github)}, `}token: env:GITHUB_TOKEN }
`;

const plain = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z/][A-Za-z0-9/@._-]*$/i;

/** Quotes `text` if it is not plain. A JSON string is valid YAML. */
const value = (text: string) => (plain.test(text) ? text : JSON.stringify(text));
