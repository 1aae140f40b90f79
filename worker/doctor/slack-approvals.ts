import { proveBridge } from '../../activities/approval/bridge-key.ts';
import { slackClient, slackFailure } from '../../activities/slack/client.ts';
import type { Config, SlackApprovals } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import type { SlackMethod } from '../../domain/services/slack-scopes.ts';
import { secret } from '../config/secrets.ts';
import { check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { isSet } from './secrets.ts';

type At = { api: string; token: string; approvals: SlackApprovals };
const [keys, workspace, socket] = ['Slack key', 'Slack workspace', 'Slack socket'];
const variableOf = (ref: string) => ref.slice('env:'.length);

/**
 * Checks that clicks can be signed, that the token belongs to the right workspace, and that clicks
 * arrive. Returns no finding if Slack approvals are not configured.
 */
export function slackApprovals(config: Config, env: NodeJS.ProcessEnv): Promise<Finding>[] {
  const { slack } = config;
  if (!slack?.approvals) return [];
  const at = { ...slack, approvals: slack.approvals };
  const { appToken } = slack.approvals;
  return [
    check(keys, () => proveBridge(config)),
    sameWorkspace(at, env),
    ...(appToken ? [socketOpens(at, appToken, env)] : []),
  ];
}

async function sameWorkspace({ api, token, approvals }: At, env: NodeJS.ProcessEnv) {
  const [variable, { team }] = [variableOf(token), approvals];
  if (!isSet(token, env)) return unchecked(workspace, variable);
  return await check(workspace, async () => {
    const answer = await slackClient(api, secret(token, env))
      .auth.test()
      .catch(because('auth.test', 'the identity of the token', variable));
    if (answer.team_id === team || answer.enterprise_id === team)
      return `${team} is ${answer.team}`;
    throw elsewhere({ variable, team, own: String(answer.team_id), name: String(answer.team) });
  });
}

/**
 * Asks Slack for a socket address, but does not connect. If this command opened a second socket,
 * Slack could send clicks to it instead of to the worker.
 */
async function socketOpens({ api }: At, appToken: string, env: NodeJS.ProcessEnv) {
  const variable = variableOf(appToken);
  if (!isSet(appToken, env)) return unchecked(socket, variable);
  return await check(socket, async () => {
    await slackClient(api, secret(appToken, env))
      .apps.connections.open({})
      .catch(because('apps.connections.open', 'a socket for clicks', variable));
    return `${variable} can open a socket`;
  });
}

const because = (method: SlackMethod, what: string, variable: string) => (cause: unknown) => {
  throw slackFailure(cause, { method, what, variable, effect: false });
};

type Elsewhere = { variable: string; team: string; own: string; name: string };
const elsewhere = ({ variable, team, own, name }: Elsewhere) =>
  new UserError(
    `slack.approvals.team is ${team}, but the token in ${variable} belongs to ${own} (${name}): every click would be refused.\n` +
      `Set slack.approvals.team to ${own}, or use the token of an app in ${team}.`,
  );
