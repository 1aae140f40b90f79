import type { z } from 'zod';
import type { Board } from '../board.ts';
import {
  CheckInput,
  CommitInput,
  faultInput,
  IssueInput,
  MessageInput,
  ProtectionInput,
  StatusInput,
} from './control-input.ts';
import type { GitHost } from '../git-host/git-host.ts';
import type { Github } from '../github/github.ts';
import { startHttp } from '../http.ts';
import type { Call, Reply } from '../http.ts';
import type { Pager } from '../pager/pager.ts';
import type { Slack } from '../slack/slack.ts';
import { collectTruth } from '../truth.ts';
import type { Truths } from '../truth.ts';

export type ControlDeps = Truths & {
  board: Board;
  git: Pick<GitHost, 'commit' | 'protect'>;
  github: Pick<Github, 'setCheckRun' | 'setStatus' | 'createIssue'>;
  slack: Pick<Slack, 'messages' | 'scheduled' | 'say'>;
  pager?: Pick<Pager, 'calls'>;
};

/** The names of the services for which `POST /faults` can arm a fault. */
const services = [
  ...(['git', 'github', 'slack', 'pager', 'vps'] as const),
  ...(['northflank', 'vercel', 'cloudflare'] as const),
] as const;

/**
 * An error that becomes the response to a call. The lines of the message name the problem, its
 * cause and the next command.
 */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, lines: string[]) {
    super(lines.join('\n'));
    this.status = status;
  }
}

type Answer = (call: Call, deps: ControlDeps) => unknown;

const body = (call: Call): unknown => {
  try {
    return JSON.parse(call.body.toString());
  } catch {
    throw new Refusal(400, [
      `The sandbox could not read the body of ${call.method} ${call.path}.`,
      'The body is not JSON.',
      'Send JSON, or use: plimsoll sandbox faults SERVICE MATCH KIND',
    ]);
  }
};

const parse = <Schema extends z.ZodType>(schema: Schema, call: Call, next: string) => {
  const result = schema.safeParse(body(call));
  if (result.success) return result.data;
  const why = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the body'}: ${message}`,
  );
  throw new Refusal(400, [
    `The sandbox did not accept ${call.method} ${call.path}.`,
    `${why.join('; ')}.`,
    next,
  ]);
};

const known = async (repository: string, { repositories }: ControlDeps) => {
  const names = (await repositories()).map((truth) => truth.repository);
  if (names.includes(repository)) return repository;
  throw new Refusal(404, [
    `The sandbox has no repository ${repository}.`,
    `It has these repositories: ${names.join(', ') || 'none'}.`,
    'See the repositories with: plimsoll sandbox truth',
  ]);
};

const counts = ({ effects }: Board) => {
  const result: Record<string, Record<string, number>> = {};
  for (const { service, operation } of effects) {
    const ofService = (result[service] ??= {});
    ofService[operation] = (ofService[operation] ?? 0) + 1;
  }
  return result;
};

const arm: Answer = (call, { board }) => {
  const next = 'Try: plimsoll sandbox faults git push 500-after --times 1';
  board.arm(parse(faultInput(services), call, next));
  return { faults: board.armed };
};

const release: Answer = (_, { board }) => {
  const released = board.holding;
  board.release();
  return { released };
};

const clear: Answer = (_, { board }) => {
  board.clear();
  return { faults: board.armed };
};

const seeFields =
  'The fields are in sandbox/control/control-input.ts. See the state with: plimsoll sandbox truth';

const check: Answer = async (call, deps) => {
  const { repository, sha, conclusion, ...run } = parse(CheckInput, call, seeFields);
  const input = conclusion ? { ...run, conclusion } : run;
  return deps.github.setCheckRun(await known(repository, deps), sha, input);
};
const status: Answer = async (call, deps) => {
  const { repository, sha, ...input } = parse(StatusInput, call, seeFields);
  return deps.github.setStatus(await known(repository, deps), sha, input);
};
const issue: Answer = async (call, deps) => {
  const { repository, ...input } = parse(IssueInput, call, seeFields);
  return deps.github.createIssue(await known(repository, deps), input);
};
const commit: Answer = async (call, deps) => {
  const { repository, author, ...rest } = parse(CommitInput, call, seeFields);
  const input = author ? { ...rest, author } : rest;
  return { sha: await deps.git.commit(await known(repository, deps), input) };
};
const protect: Answer = async (call, deps) => {
  const { repository, branches } = parse(ProtectionInput, call, seeFields);
  deps.git.protect(await known(repository, deps), branches);
  return { protected: branches };
};

const say: Answer = (call, { slack }) => {
  const message = parse(MessageInput, call, seeFields);
  const said = slack.say(message);
  if (said) return said;
  throw new Refusal(404, [
    `The sandbox's Slack has no channel ${message.channel}.`,
    'Use the name or the id of an existing channel.',
    'Try: #deployments or #incidents',
  ]);
};

const answers: Record<string, Answer> = {
  'GET /effects': (_, { board }) => ({
    effects: board.effects,
    writes: board.writes,
    counts: counts(board),
    holding: board.holding,
  }),
  'GET /faults': (_, { board }) => ({ faults: board.armed }),
  'POST /faults': arm,
  'DELETE /faults': clear,
  'POST /release': release,
  'GET /truth': (_, deps) => collectTruth(deps),
  'GET /slack': (_, { slack }) => ({ messages: slack.messages(), scheduled: slack.scheduled() }),
  'POST /slack': say,
  'GET /pages': (_, { pager }) => ({ pages: pager?.calls() ?? [] }),
  'POST /checks': check,
  'POST /statuses': status,
  'POST /issues': issue,
  'POST /commits': commit,
  'POST /protection': protect,
};

const respond = async (call: Call, deps: ControlDeps): Promise<Reply> => {
  const answer = answers[`${call.method} ${call.path}`];
  try {
    if (answer) return { status: 200, body: await answer(call, deps) };
    throw new Refusal(404, [
      `The control plane of the sandbox has no route ${call.method} ${call.path}.`,
      `It has these routes: ${Object.keys(answers).join(', ')}.`,
      'See the effects with: plimsoll sandbox effects',
    ]);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
    throw error;
  }
};

/**
 * Starts the control plane of the sandbox on loopback. The control plane shows the effects, the
 * faults and the real state. No fault affects the control plane itself.
 */
export const startControl = async (deps: ControlDeps) => {
  const unavailable = (): Reply => ({ status: 503 });
  const service = {
    name: 'control',
    handle: (call: Call) => ({ act: () => respond(call, deps) }),
    busy: unavailable,
    broken: unavailable,
  };
  const http = await startHttp({ service, board: deps.board });
  return { address: http.url, close: () => http.close() };
};
export type Control = Awaited<ReturnType<typeof startControl>>;
