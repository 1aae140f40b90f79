import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Board } from './board.ts';
import { startControl } from './control/control.ts';
import type { Control } from './control/control.ts';
import { startGitHost } from './git-host/git-host.ts';
import type { GitHost, GitHostOptions, Push } from './git-host/git-host.ts';
import { startGithub } from './github/github.ts';
import type { Github } from './github/github.ts';
import { startPager } from './pager/pager.ts';
import type { Pager } from './pager/pager.ts';
import { platformTokens, startPlatforms } from './platforms/platforms.ts';
import type { PlatformOptions, Platforms, PlatformTokens } from './platforms/platforms.ts';
import { startSlack } from './slack/slack.ts';
import type { Slack, SlackOptions } from './slack/slack.ts';
import { startVpsHost } from './platforms/vps/start-vps-host.ts';
import type { VpsHostHandle, VpsHostOptions } from './platforms/vps/start-vps-host.ts';
import { hostTruth } from './platforms/vps/truth.ts';

type Tokens = {
  github: string;
  slack: string;
  slackApp: string;
  slackSigning: string;
} & PlatformTokens;
export type SandboxOptions = PlatformOptions & {
  /**
   * The directory of all files of the sandbox. The repositories are in git/, and each host is in
   * hosts/<name>/.
   */
  directory: string;
  hosts: Omit<VpsHostOptions, 'directory' | 'board'>[];
  /**
   * The tokens of the services. Default: random tokens. The git host accepts the GitHub token as
   * the password.
   */
  tokens?: Tokens;
  slack?: Pick<SlackOptions, 'channels' | 'users' | 'timeScale'>;
  onPush?: GitHostOptions['onPush'];
  slowMs?: number;
};
export type Sandbox = Platforms & {
  board: Board;
  tokens: Tokens;
  git: GitHost;
  github: Github;
  slack: Slack;
  pager: Pager;
  control: Control;
  hosts: VpsHostHandle[];
  close(): Promise<void>;
};

type Closers = (() => Promise<void>)[];

const randomToken = (prefix: string) => prefix + randomBytes(12).toString('hex');

const randomTokens = (options: SandboxOptions): Tokens => ({
  github: randomToken('ghp_'),
  slack: randomToken('xoxb-'),
  slackApp: randomToken('xapp-'),
  slackSigning: randomToken(''),
  ...platformTokens(options, randomToken),
});

/**
 * Writes the GitHub token into the .gitconfig of a VPS host, so that this host can fetch from the
 * git host without a password prompt. A real host would use a deploy key.
 */
const allowFetch = async (host: VpsHostHandle, git: GitHost, token: string) => {
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const config = `[http "${git.address}/"]\n\textraHeader = Authorization: Basic ${basic}\n`;
  await writeFile(join(host.home, '.gitconfig'), config, { mode: 0o600 });
};

const startHosts = async (options: SandboxOptions, board: Board, closers: Closers) => {
  const hosts: VpsHostHandle[] = [];
  for (const input of options.hosts) {
    const directory = join(options.directory, 'hosts', input.name);
    await mkdir(directory, { recursive: true });
    const host = await startVpsHost({ ...input, directory, board });
    closers.push(() => host.stop());
    hosts.push(host);
  }
  return hosts;
};

const start = async (options: SandboxOptions, board: Board, closers: Closers) => {
  const opened = <Part extends { close(): Promise<void> }>(part: Part) => {
    closers.push(() => part.close());
    return part;
  };
  const tokens = options.tokens ?? randomTokens(options);
  const { slowMs } = options;
  const common = { board, ...(slowMs === undefined ? {} : { slowMs }) };
  const directory = join(options.directory, 'git');
  const listeners: GitHostOptions['onPush'][] = [options.onPush];
  const onPush = async (push: Push) => {
    for (const listener of listeners) await listener?.(push);
  };
  const git = opened(await startGitHost({ ...common, directory, token: tokens.github, onPush }));
  const { repositories } = git;
  const started = { ...common, repositories, tokens, directory: options.directory, opened };
  const { platforms, heard } = await startPlatforms(options, started);
  listeners.push(...heard);
  const github = opened(await startGithub({ ...common, repositories, token: tokens.github }));
  const slackTokens = { token: tokens.slack, appToken: tokens.slackApp };
  const signingSecret = tokens.slackSigning;
  const slack = opened(
    await startSlack({ ...common, ...slackTokens, signingSecret, ...options.slack }),
  );
  const pager = opened(await startPager(common));
  const hosts = await startHosts(options, board, closers);
  await Promise.all(hosts.map((host) => allowFetch(host, git, tokens.github)));
  const truths = {
    hosts: () => Promise.all(hosts.map(hostTruth)),
    repositories: repositories.truth,
  };
  const known = { board, git, github, slack, pager, ...platforms };
  const control = opened(await startControl({ ...known, ...truths }));
  return { ...known, tokens, control, hosts };
};

/**
 * Starts every stand-in in the calling process. If one stand-in cannot start, the stand-ins that
 * already run are closed.
 */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const board = new Board();
  const closers: Closers = [];
  const close = async () => {
    board.clear();
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await start(options, board, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
};
