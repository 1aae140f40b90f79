import type { Board } from '../board.ts';
import { startHttp } from '../http.ts';
import type { Call, Handler, Reply, Service } from '../http.ts';
import { chatMethods } from './chat.ts';
import { createClicks } from './clicks.ts';
import { conversationMethods } from './conversations.ts';
import { documentedErrors } from './documented-errors.ts';
import { no } from './methods.ts';
import type { Arguments } from './methods.ts';
import { refuseScope, scopeHeaders } from './scopes.ts';
import type { Token } from './scopes.ts';
import { startSocketMode } from './socket.ts';
import type { SocketMode } from './socket.ts';
import { createWorkspace } from './state.ts';
import type { ChannelInput, Message, User, Workspace } from './state.ts';

export type SlackOptions = {
  board: Board;
  token: string;
  /** The scopes of the token. Default: the scopes of the manifest in docs/slack.md. */
  scopes?: readonly string[];
  /** The token of the app, for Socket Mode. */
  appToken?: string;
  /** The scopes of the token of the app. Default: connections:write. */
  appScopes?: readonly string[];
  signingSecret?: string;
  /**
   * The time in milliseconds after which an envelope without an acknowledgement is sent again.
   * Default: 3000.
   */
  ackMs?: number;
  /** The channels, by their names with or without "#". */
  channels?: readonly ChannelInput[];
  users?: User[];
  slowMs?: number;
  /**
   * Slack's own time limits (such as 5 minutes) are divided by this number, so that they fit a
   * sandbox with faster time. Default: 1.
   */
  timeScale?: number;
};
export type Slack = Awaited<ReturnType<typeof startSlack>>;

const methods = { ...chatMethods, ...conversationMethods };

/**
 * A message that a person posts, for tests and the demo. The board does not count this message as
 * an effect.
 */
export type HumanMessage = { channel: string; user: string; text: string; threadTs?: string };

const argumentsOf = (call: Call): Arguments => {
  const json = (call.headers['content-type'] ?? '').startsWith('application/json');
  if (!json)
    return Object.fromEntries([...new URLSearchParams(call.body.toString()), ...call.query]);
  const given = JSON.parse(call.body.toString() || '{}') as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
};

const manifestScopes = [
  'chat:write',
  'im:write',
  'im:history',
  'channels:read',
  'channels:history',
];

const given = (call: Call, args: Arguments) =>
  /^Bearer (.+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? args.token;

/**
 * The planned refusals, for tests. After `after` calls of the method, the next `times` calls are
 * refused with the word in `error`.
 */
type Refusals = { method: string; error: string; times: number; after: number }[];

type Parts = {
  workspace: Workspace;
  tokens: ReadonlyMap<string, Token>;
  socket: SocketMode;
  refusals: Refusals;
};

/**
 * Checks that Slack's documentation of the method lists every error word of the stand-in. Throws an
 * error if it does not.
 */
const documented = (method: string, reply: Reply): Reply => {
  const { ok, error } = reply.body as { ok?: boolean; error?: string };
  const known = ok || !error || documentedErrors(method).includes(error);
  if (known) return reply;
  throw new Error(`Slack's documentation of ${method} does not list the word ${error}`);
};

const createService = ({ workspace, tokens, socket, refusals }: Parts): Service => {
  const forced = (method: string) => {
    const one = refusals.find((each) => each.method === method && each.times > 0);
    if (!one) return undefined;
    if (one.after > 0) {
      one.after -= 1;
      return undefined;
    }
    one.times -= 1;
    return no(one.error);
  };
  const handle = (call: Call): Handler => {
    const args = argumentsOf(call);
    const name = call.path.replace(/^\/api\//, '');
    const word = given(call, args);
    const token = tokens.get(word ?? '');
    const refused = () => {
      if (!token) return no(word ? 'invalid_auth' : 'not_authed');
      return forced(name) ?? refuseScope(name, token, args, workspace);
    };
    const headed = (reply: Reply): Reply => {
      const known = documented(name, reply);
      return token ? { ...known, headers: scopeHeaders(name, token, args, workspace) } : known;
    };
    if (name === 'apps.connections.open')
      return { read: () => headed(refused() ?? socket.ticket()) };
    const method = methods[name];
    if (!method) return { read: () => headed(refused() ?? no('unknown_method')) };
    workspace.postDue();
    const { read, act, lie } = method(args, workspace);
    return {
      read: async () => {
        const reply = refused() ?? (await read?.());
        return reply && headed(reply);
      },
      ...(act ? { act: async () => headed(await act()) } : {}),
      ...(lie ? { lie: async () => headed(refused() ?? (await lie())) } : {}),
    };
  };
  return {
    name: 'slack',
    handle,
    busy: () => ({ ...no('ratelimited'), status: 429, headers: { 'retry-after': '1' } }),
    broken: () => ({ ...no('internal_error'), status: 500 }),
  };
};

const nameOf = (workspace: Workspace, id: string) => {
  const channel = workspace.channel(id);
  return channel?.kind === 'im' ? `@${channel.user}` : `#${channel?.name}`;
};

const say = (workspace: Workspace, { channel, user, text, threadTs }: HumanMessage) => {
  const target = workspace.channelByName(channel) ?? workspace.channel(channel);
  if (!target) return undefined;
  const quiet = { blocks: null, broadcast: false, metadata: null, editedTs: null, botId: null };
  const ts = workspace.nextTs();
  workspace.messages.push({
    ...quiet,
    channel: target.id,
    ts,
    user,
    text,
    threadTs: threadTs ?? null,
  });
  return { channel: target.id, ts };
};

/**
 * Starts a stand-in for Slack's Web API and Socket Mode. The board counts each effect under the
 * name of its Slack method. When a scheduled message is posted, the board counts a second effect,
 * 'scheduled message posted'.
 */
export const startSlack = async (options: SlackOptions) => {
  const { board, token, slowMs } = options;
  const channels = options.channels ?? ['#deployments', '#incidents'];
  const workspace = createWorkspace(board, channels, options.users ?? [], options.timeScale ?? 1);
  const socket = await startSocketMode({ ackMs: options.ackMs ?? 3000 });
  const bot: Token = { kind: 'bot', scopes: options.scopes ?? manifestScopes };
  const app: Token = { kind: 'app', scopes: options.appScopes ?? ['connections:write'] };
  const tokens = new Map([
    [token, bot],
    [options.appToken ?? 'xapp-sandbox', app],
  ]);
  const refusals: Refusals = [];
  const service = createService({ workspace, tokens, socket, refusals });
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  return {
    address: http.url,
    /** The value for the option `slackApiUrl` of WebClient, which must end in "/". */
    api: `${http.url}/api/`,
    /**
     * Returns every posted message, oldest first. `name` is the name of the channel:
     * "#deployments", or "@U012" for direct messages.
     */
    messages: (): (Message & { name: string })[] => {
      workspace.postDue();
      return workspace.messages.map((m) => ({ ...m, name: nameOf(workspace, m.channel) }));
    },
    scheduled: () => [...workspace.scheduled()],
    /** Returns the messages that only one user can see. */
    ephemerals: () => [...workspace.ephemerals],
    socket,
    ...createClicks(workspace, socket, options.signingSecret ?? 'sandbox signing secret'),
    /**
     * Refuses the next `times` calls of a method with a word from its documentation. The first
     * `after` calls are still answered as usual.
     */
    refuse: (method: string, error: string, { times = 1, after = 0 } = {}) =>
      void refusals.push({ method, error, times, after }),
    /** Deletes a message, as a person may do. */
    remove: (channel: string, ts: string) => workspace.remove(channel, ts),
    /** Deletes a channel and makes a new channel with the same name. */
    remakeChannel: (name: string) => workspace.remake(name),
    /** Posts a message as a person would. Returns undefined if the channel does not exist. */
    say: (message: HumanMessage) => say(workspace, message),
    close: async () => void (await Promise.all([http.close(), socket.close()])),
  };
};
