import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../../activities/lib/process.ts';
import type { Github } from '../../sandbox/github/github.ts';
import { recipe } from './ci-recipe.ts';
import type { Job } from './ci-recipe.ts';

type Runner = {
  github: Github;
  /** Owner and name of the repository. */
  repository: string;
  directory: string;
  /** The values of `secrets.NAME` and `vars.NAME`. */
  expressions: Record<string, string>;
};
type Attempt = {
  /** The job that runs, if it differs from the job of the recipe. */
  job?: Job;
  /** Variables that replace variables of GitHub Actions. */
  env?: Record<string, string>;
  /** An expression that has no value in this attempt. */
  without?: string;
};

const key = 'deploy';
const command = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));
const timeoutMs = 300_000;

/** The result of these steps is there already: the clone, Node, and the packages. */
const isPrepared = ({ uses, run }: Job['steps'][number]) => uses !== undefined || run === 'npm ci';

/**
 * Runs the workflow of the recipe as GitHub Actions does. The deploy job is a check run of its
 * workflow run. Its steps run in `bash -e`, which GitHub uses for a step without `shell`. They get
 * the variables of GitHub Actions and nothing else. The check is in progress until the last step
 * has ended. The exit code decides its conclusion. The job "test" runs no steps here, and succeeds.
 */
export function createRunner({ github, repository, directory, expressions }: Runner) {
  const [home, workspace] = [join(directory, 'home'), join(directory, 'workspace')];
  const bin = join(workspace, 'node_modules', '.bin');
  for (const path of [home, bin]) mkdirSync(path, { recursive: true });
  symlinkSync(command, join(bin, 'plimsoll'));
  const machine = {
    HOME: home,
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
  };

  type Steps = { variables: Record<string, string>; without: string | undefined };
  /** Runs the steps of a job until one fails. Returns the last exit code, and the whole log. */
  async function runSteps({ steps }: Job, { variables, without }: Steps) {
    // A secret or a variable that does not exist is an empty text.
    const filled = (text: string) =>
      text.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, name: string) =>
        name === without ? '' : (expressions[name] ?? ''),
      );
    const [script, added] = [join(directory, 'step.sh'), join(directory, 'path')];
    writeFileSync(added, '');
    let output = '';
    for (const step of steps.filter((one) => !isPrepared(one))) {
      writeFileSync(script, step.run ?? '');
      const given = Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text)]);
      const paths = readFileSync(added, 'utf8').split('\n').filter(Boolean).toReversed();
      const env = {
        ...{ ...machine, ...variables, ...Object.fromEntries(given), GITHUB_PATH: added },
        PATH: [...paths, machine.PATH].join(delimiter),
      };
      const ended = await runProcess(['bash', '-e', script], { cwd: workspace, env, timeoutMs });
      output += ended.output;
      if (ended.code !== 0) return { code: ended.code, output };
    }
    return { code: 0, output };
  }

  /** Starts a run of the workflow for a commit, as a push does. */
  function start(sha: string) {
    const run = github.startRun(repository, sha, { path: recipe.path });
    const needed = recipe.jobs[key].needs ?? '';
    github.setCheckRun(repository, sha, { name: needed, status: 'completed', run });
    let attempts = 0;
    /** The variables of GitHub Actions in the deploy job of this run. */
    const variables = () => ({
      ...{ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: repository },
      ...{ GITHUB_RUN_ID: `${run}`, GITHUB_RUN_ATTEMPT: `${attempts}`, GITHUB_RUN_NUMBER: '1' },
      ...{ GITHUB_JOB: key, GITHUB_WORKFLOW: 'deploy', GITHUB_EVENT_NAME: 'push' },
      ...{ GITHUB_SHA: sha, GITHUB_REF: 'refs/heads/main', GITHUB_REF_NAME: 'main' },
      ...{ GITHUB_WORKSPACE: workspace, RUNNER_OS: 'Linux' },
    });
    /** Runs the deploy job. A second attempt is "Re-run failed jobs". */
    async function attempt({ job = recipe.jobs[key], env = {}, without }: Attempt = {}) {
      attempts += 1;
      const check = { name: job.name ?? key, run };
      github.setCheckRun(repository, sha, { ...check, status: 'in_progress' });
      const ended = await runSteps(job, { variables: { ...variables(), ...env }, without });
      const conclusion = ended.code === 0 ? 'success' : 'failure';
      github.setCheckRun(repository, sha, { ...check, status: 'completed', conclusion });
      return ended;
    }
    return { id: run, sha, variables, attempt };
  }

  /** Runs `plimsoll` as a person does at a laptop, outside of GitHub Actions. */
  const byHand = (args: string[], env: Record<string, string>) =>
    runProcess([command, ...args], { cwd: workspace, env: { ...machine, ...env }, timeoutMs });

  return { start, byHand };
}
