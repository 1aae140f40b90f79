import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * A commit to add. `files` maps each path to the new content of the file, or to null to delete the
 * file. Content that starts with "#!" makes the file executable.
 */
export type CommitInput = {
  files: Record<string, string | Buffer | null>;
  message: string;
  author?: { name: string; email: string };
  branch?: string;
};
export type RepositoryTruth = {
  repository: string;
  /** The SHA of the newest commit on the branch `main`. Null if this branch does not exist. */
  main: string | null;
  branches: Record<string, string>;
};
export type Repositories = ReturnType<typeof createRepositories>;

const someone = { name: 'Sam Developer', email: 'sam@example.test' };
const nameRule = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/**
 * Returns the environment of a git command. With this environment, git ignores the git
 * configuration of this machine. Git variables of this process are left out, because a calling git
 * command can have set them.
 */
export const gitEnvironment = () => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
});

const hooks = {
  'pre-receive': `#!/bin/sh
# SANDBOX_PROTECTED holds the full names of the protected refs, each with a space on both sides.
refused=0
while read -r old new ref; do
  case "$SANDBOX_PROTECTED" in *" $ref "*)
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    refused=1 ;;
  esac
  # SANDBOX_WORKFLOWS holds the refusal of a change of a workflow file. GitHub gives it as the reason
  # of the rejected ref; a hook can only print it.
  [ -n "$SANDBOX_WORKFLOWS" ] || continue
  case "$old" in *[!0]*) changed=$(git diff --name-only "$old" "$new" -- .github/workflows) ;;
  *) changed=$(git ls-tree -r --name-only "$new" .github/workflows) ;; esac
  for path in $changed; do
    echo "$SANDBOX_WORKFLOWS" | sed "s|PATH|$path|" >&2
    refused=1
  done
done
exit $refused
`,
  'post-receive': `#!/bin/sh
cat >> "\${SANDBOX_PUSHES:-/dev/null}"
`,
};

const data = (content: string | Buffer) => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
};

const change = ([path, content]: [string, string | Buffer | null]) => {
  if (content === null) return Buffer.from(`D ${path}\n`);
  const mode = Buffer.from(content).toString('latin1').startsWith('#!') ? '100755' : '100644';
  return Buffer.concat([Buffer.from(`M ${mode} inline ${path}\n`), data(content)]);
};

const importScript = (commit: CommitInput, parent: string | null, at: string) => {
  const { name, email } = commit.author ?? someone;
  const parts = [
    `commit refs/heads/${commit.branch ?? 'main'}\nmark :1\n`,
    `author ${name} <${email}> ${at}\ncommitter ${name} <${email}> ${at}\n`,
    data(commit.message),
    parent ? `from ${parent}\n` : '',
    ...Object.entries(commit.files).map(change),
    '\nget-mark :1\ndone\n',
  ];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
};

const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tfsync = none
[gc]
\tauto = 0
[http]
\treceivepack = true
[receive]
\tautogc = false
`;

/**
 * Makes an empty bare repository, as gitrepository-layout(5) describes it. Does not start git,
 * because the tests make some thousand repositories.
 */
const initialise = async (path: string) => {
  for (const directory of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'hooks'])
    await mkdir(join(path, directory), { recursive: true });
  await writeFile(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  await writeFile(join(path, 'config'), config);
  for (const [hook, script] of Object.entries(hooks))
    await writeFile(join(path, 'hooks', hook), script, { mode: 0o755 });
};

const list = async (root: string) => {
  const owners = await readdir(root, { withFileTypes: true });
  const found = await Promise.all(
    owners
      .filter((owner) => owner.isDirectory())
      .map(async ({ name }) => (await readdir(join(root, name))).map((repo) => `${name}/${repo}`)),
  );
  return found.flat().flatMap((name) => (name.endsWith('.git') ? [name.slice(0, -4)] : []));
};

const runGit = async (cwd: string, args: string[], input?: Buffer) => {
  const options = { cwd, env: gitEnvironment(), extendEnv: false };
  const { stdout } = await execa(
    'git',
    args,
    input === undefined ? options : { ...options, input },
  );
  return stdout;
};

const branchesOf = async (path: string): Promise<Record<string, string>> => {
  const format = '--format=%(refname:lstrip=2) %(objectname)';
  const lines = (await runGit(path, ['for-each-ref', format, 'refs/heads'])).split('\n');
  return Object.fromEntries(lines.filter(Boolean).map((line) => line.split(' ')));
};

/** Adds a commit and returns its SHA. `known` maps each branch of the repository to its SHA. */
const addCommit = async (path: string, input: CommitInput, known: Record<string, string>) => {
  const parent = known[input.branch ?? 'main'] ?? known.main ?? null;
  const at = `${Math.floor(Date.now() / 1000)} +0000`;
  return await runGit(path, ['fast-import', '--quiet', '--done'], importScript(input, parent, at));
};

/**
 * Makes the functions that manage the bare repositories at `<root>/<owner>/<name>.git`. Every read
 * runs git again.
 */
export const createRepositories = (root: string) => {
  const path = (name: string) => join(root, `${name}.git`);
  return {
    path,
    names: () => list(root),
    git: (name: string, args: string[]) => runGit(path(name), args),
    branches: (name: string) => branchesOf(path(name)),
    head: async (name: string, branch = 'main') => (await branchesOf(path(name)))[branch] ?? null,
    /**
     * Adds a commit directly to the bare repository, as if another person had pushed it. The board
     * does not count this commit as an effect.
     */
    commit: async (name: string, input: CommitInput) =>
      addCommit(path(name), input, await branchesOf(path(name))),
    create: async (name: string, commits: CommitInput[]) => {
      if (!nameRule.test(name))
        throw new TypeError(`The repository name "${name}" does not have the form owner/name.`);
      await initialise(path(name));
      const known: Record<string, string> = {};
      const shas: string[] = [];
      for (const input of commits) {
        const sha = await addCommit(path(name), input, known);
        known[input.branch ?? 'main'] = sha;
        shas.push(sha);
      }
      return shas;
    },
    truth: async (): Promise<RepositoryTruth[]> =>
      Promise.all(
        (await list(root)).toSorted().map(async (repository) => {
          const branches = await branchesOf(path(repository));
          return { repository, main: branches.main ?? null, branches };
        }),
      ),
  };
};
