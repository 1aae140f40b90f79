import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { signClick } from '../../../activities/approval/bridge-key.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { slackClient, slackFailure } from '../../../activities/slack/client.ts';
import { safe } from '../../../domain/messages/slack-blocks.ts';
import type { Click, Members } from '../../../domain/approval/slack-click.ts';
import type { Config } from '../../../domain/config/config.ts';
import { createBridge } from './bridge.ts';
import type { BridgeDeps } from './bridge.ts';
import { createDeploys } from './find-asked.ts';
import { openHttp } from './http-door.ts';
import { readClick } from './read-click.ts';
import { openSocket } from './socket-door.ts';
import type { Door } from './socket-door.ts';

type Deps = {
  client: Client;
  ledger: Ledger;
  secret: (ref: string) => string;
  warn: (line: string) => void;
};
type Slack = NonNullable<Config['slack']>;

/**
 * The longest time until a click is acknowledged. Slack waits only 3 s. Longer work continues after
 * the acknowledgement.
 */
const ackMs = 2_000;

/**
 * Opens the configured receivers of clicks. These are a socket, HTTP or both. Does not wait for
 * Slack, because deploys and approvals by key work without Slack.
 */
export async function openDoors(config: Config, deps: Deps): Promise<Door> {
  const { slack } = config;
  if (!slack?.approvals) return { close: async () => {} };
  const { approvals } = slack;
  const { appToken, http } = approvals;
  const { secret, warn } = deps;
  const hear = createHearing(approvals.team, bridgeDeps(config, slack, deps));
  const doors: Door[] = [];
  if (appToken) {
    const [token, variable] = [secret(appToken), appToken.slice('env:'.length)];
    doors.push(openSocket({ api: slack.api, token, variable, hear, warn }));
  }
  if (http) {
    const signingSecret = secret(http.signingSecret);
    doors.push(await openHttp({ listen: http.listen, signingSecret, hear, warn }));
  }
  return { close: async () => void (await Promise.all(doors.map((door) => door.close()))) };
}

/**
 * Returns the function that receives clicks. The socket and HTTP share one bridge, so a click that
 * arrives through both counts once.
 */
function createHearing(team: string, deps: BridgeDeps) {
  const bridge = createBridge(deps);
  return async (payload: unknown): Promise<void> => {
    const click = readClick(payload, team);
    if (!click) return;
    await Promise.race([bridge.hear(click), delay(ackMs, undefined, { ref: false })]);
  };
}

function bridgeDeps(config: Config, slack: Slack, { client, ledger, warn, secret }: Deps) {
  const { approvals } = slack;
  if (!approvals) throw new Error('slack.approvals is not configured');
  return {
    members: membersOf(config, approvals.team),
    deploys: createDeploys(client),
    ledger,
    sign: (decision) => signClick(approvals, decision),
    answer: createAnswer(slack, secret),
    warn,
  } satisfies BridgeDeps;
}

export function membersOf({ approvers, requesters }: Config, team: string): Members {
  const byId = (people: Config['approvers']) =>
    new Map(Object.entries(people).flatMap(([name, { slack }]) => (slack ? [[slack, name]] : [])));
  return { team, approvers: byId(approvers), requesters: byId(requesters) };
}

/**
 * Returns the function that answers a click. Each answer goes to the configured Slack API, never to
 * an address in a payload.
 */
function createAnswer({ api, token }: Slack, secret: Deps['secret']) {
  const web = slackClient(api, secret(token));
  const variable = token.slice('env:'.length);
  return async ({ channel, user }: Click, text: string): Promise<void> => {
    try {
      await web.chat.postEphemeral({ channel, user, text: safe(text) });
    } catch (cause) {
      throw slackFailure(cause, {
        method: 'chat.postEphemeral',
        what: 'a message to the person who clicked',
        channel,
        variable,
        effect: true,
      });
    }
  };
}
