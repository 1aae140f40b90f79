import type { Config } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';

const at = ['slack', 'approvals'];

/** Whoever holds the bridge's key can claim clicks: it is nobody's own, and each click is one person's. */
export function slackRules(config: Config): Problem[] {
  const approvals = config.slack?.approvals;
  if (!approvals) return [];
  return [...ownKey(config, approvals.publicKey), ...ownFile(config), ...clickers(config)];
}

const bare = (key: string) => /(?:sk-)?(?:ssh-|ecdsa-)\S+ [A-Za-z0-9+/=]+/.exec(key)?.[0] ?? key;

function ownKey({ approvers, requesters }: Config, publicKey: string): Problem[] {
  const people = [
    ...Object.entries(approvers).map(([name, { keys }]) => ({ who: `approvers.${name}`, keys })),
    ...Object.entries(requesters).map(([name, { keys }]) => ({ who: `requesters.${name}`, keys })),
  ];
  const owner = people.find(({ keys }) => keys.some((key) => bare(key) === bare(publicKey)));
  if (!owner) return [];
  const what =
    `This is the key of ${owner.who}: the bridge would speak for them without a click.\n` +
    "Make one for it alone: ssh-keygen -t ed25519 -N '' -f plimsoll-slack";
  return [{ path: [...at, 'publicKey'], what }];
}

function ownFile({ slack, requests }: Config): Problem[] {
  if (requests === undefined || slack?.approvals?.key !== requests.key) return [];
  const what =
    'requests.key is this file as well: what asks for deploys would approve them.\n' +
    "Make one for the bridge alone: ssh-keygen -t ed25519 -N '' -f plimsoll-slack";
  return [{ path: [...at, 'key'], what }];
}

function clickers({ approvers, requesters }: Config): Problem[] {
  const ids = new Map(Object.entries(approvers).map(([name, { slack }]) => [slack, name]));
  ids.delete(undefined);
  if (ids.size === 0)
    return [
      {
        path: at,
        what:
          'Nobody could click: no approver has a member id of Slack.\n' +
          'Add it to each: slack: U012ABCDEF (in Slack: profile, ⋮, "Copy member ID").',
      },
    ];
  return Object.entries(requesters).flatMap(([name, { slack }]) => {
    const approver = slack === undefined ? undefined : ids.get(slack);
    if (approver === undefined) return [];
    const what =
      `${slack} is the approver ${approver}: a click of the agent would be theirs.\n` +
      'Remove it here, or give the agent a Slack account of its own.';
    return [{ path: ['requesters', name, 'slack'], what }];
  });
}
