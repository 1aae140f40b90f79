import type { Answers } from './answers.ts';

export type First = Answers & {
  hostKey: string;
  /** Who may approve: their name, public key and address. */
  name: string;
  key: string;
  email: string | undefined;
  identity: string | undefined;
  /** Address of its API; null: the one of github.com; undefined: the repository is not at GitHub. */
  github: string | null | undefined;
  /** How many times faster time passes, where every address is loopback. */
  sandbox: number | undefined;
};

/** Twelve lines at most, and their comments. One human alone, one host, one environment. */
export const firstYaml = (it: First) =>
  `# Every key with its meaning: npx --no plimsoll schema --example
${sandboxLines(it)}${githubLines(it)}\
# One human alone. With two people under approvers, remove it: then nobody approves their own work.
solo: file-key
approvers: { ${value(it.name)}: { keys: [${value(it.key)}]${it.email ? `, emails: [${value(it.email)}]` : ''} } }
projects:
  ${value(it.project)}:
    repository: ${value(it.repository)}
    # The check runs or statuses that a commit must have passed.
    tests: { required: [test] }
    environments: { production: { platform: vps, directory: ${value(it.directory)}, service: ${value(it.service)}, health: ${value(it.health)},
        # Compare hostKey on the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
        ${it.identity ? `identity: ${value(it.identity)}, ` : ''}hosts: [{ address: ${value(it.host)}, hostKey: ${value(it.hostKey)}, url: ${value(it.url)} }],
        # Paths that must answer after every release. Put yours here.
        smoke: { auth: 'n/a: not named yet', payments: 'n/a: not named yet', core: / } } }

# Not configured, and missed at night: page: and slack: call and tell people.
`;

const sandboxLines = ({ sandbox }: First) =>
  sandbox === undefined
    ? ''
    : `# Only for play, every address is this machine: time passes faster, a watch of 30 minutes included.
sandbox: true
timeScale: ${sandbox}
`;

const githubLines = ({ github }: First) =>
  github === undefined
    ? ''
    : `# Reads the checks of a commit and pushes reverts; without the right to push, set revert: off.
github: { ${github === null ? '' : `api: ${value(github)}, `}token: env:GITHUB_TOKEN }
`;

const plain = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z/][A-Za-z0-9/@._-]*$/i;

/** A JSON text is YAML. */
const value = (text: string) => (plain.test(text) ? text : JSON.stringify(text));
