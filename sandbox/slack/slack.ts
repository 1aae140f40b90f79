import type { Board } from '../board.ts';
import { startHttp } from '../http.ts';
import type { Call, Handler, Reply, Service } from '../http.ts';
import { chatMethods } from './chat.ts';
import { createClicks } from './clicks.ts';
import { conversationMethods } from './conversations.ts';
import { no } from './methods.ts';
import type { Arguments } from './methods.ts';
import { startSocketMode } from './socket.ts';
import type { SocketMode } from './socket.ts';
import { createWorkspace } from './state.ts';
import type { Message, User, Workspace } from './state.ts';

export type SlackOptions = {
  board: Board;
  token: string;
  /** Token of the app, for Socket Mode. */
  appToken?: string;
  signingSecret?: string;
  /** Milliseconds until an envelope without an acknowledgement is sent again. Default: 3000. */
  ackMs?: number;
  /** Names of the channels, with or without "#". */
  channels?: string[];
  users?: User[];
  slowMs?: number;
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

const refuse = (call: Call, args: Arguments, token: string): Reply | undefined => {
  const given = /^Bearer (.+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? args.token;
  if (!given) return no('not_authed');
  return given === token ? undefined : no('invalid_auth');
};

type Parts = { workspace: Workspace; token: string; appToken: string; socket: SocketMode };

const createService = ({ workspace, token, appToken, socket }: Parts): Service => ({
  name: 'slack',
  handle: (call): Handler => {
    const args = argumentsOf(call);
    const name = call.path.replace(/^\/api\//, '');
    if (name === 'apps.connections.open')
      return { look: () => refuse(call, args, appToken) ?? socket.ticket() };
    const refused = () => refuse(call, args, token);
    const method = methods[name];
    if (!method) return { look: () => refused() ?? no('unknown_method') };
    workspace.postDue();
    const { look, act, lie } = method(args, workspace);
    return {
      look: async () => refused() ?? (await look?.()),
      ...(act ? { act } : {}),
      ...(lie ? { lie: async () => refused() ?? (await lie()) } : {}),
    };
  },
  busy: () => ({ ...no('ratelimited'), status: 429, headers: { 'retry-after': '1' } }),
  broken: () => ({ ...no('internal_error'), status: 500 }),
});

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
  const workspace = createWorkspace(board, channels, options.users ?? []);
  const socket = await startSocketMode({ ackMs: options.ackMs ?? 3000 });
  const appToken = options.appToken ?? 'xapp-sandbox';
  const service = createService({ workspace, token, appToken, socket });
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  return {
    address: http.url,
    /** Value for WebClient's option `slackApiUrl`, which must end in "/". */
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
    /** Posts a message of a person. Returns undefined if the channel does not exist. */
    say: (message: HumanMessage) => say(workspace, message),
    close: async () => void (await Promise.all([http.close(), socket.close()])),
  };
};
