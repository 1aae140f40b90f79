import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

const at = ['slack', 'approvals'];

/**
 * Checks the configuration of approvals by click. The bridge signs each click with the bridge's own
 * key. This key must not belong to a person. At least one approver needs a Slack account. No
 * requester may have the Slack account of an approver.
 */
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
    `This is the key of ${owner.who}: the bridge could sign for this person without a click.\n` +
    "Make a key for the bridge alone: ssh-keygen -t ed25519 -N '' -f plimsoll-slack";
  return [{ path: [...at, 'publicKey'], what }];
}

function ownFile({ slack, requests }: Config): Problem[] {
  if (requests === undefined || slack?.approvals?.key !== requests.key) return [];
  const what =
    'requests.key names this file as well, so the requester of a deploy could approve the deploy.\n' +
    "Make a key for the bridge alone: ssh-keygen -t ed25519 -N '' -f plimsoll-slack";
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
          'Nobody could approve by a click: no approver has a Slack member ID.\n' +
          'Add the ID to each approver: slack: U012ABCDEF (in Slack: profile, ⋮, "Copy member ID").',
      },
    ];
  return Object.entries(requesters).flatMap(([name, { slack }]) => {
    const approver = slack === undefined ? undefined : ids.get(slack);
    if (approver === undefined) return [];
    const what =
      `${slack} is the Slack account of the approver ${approver}: a click of the agent would count as a click of the approver.\n` +
      'Remove the account here, or give the agent a Slack account of its own.';
    return [{ path: ['requesters', name, 'slack'], what }];
  });
}
