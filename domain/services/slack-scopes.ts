export type SlackMethod =
  | 'auth.test'
  | 'chat.postMessage'
  | 'chat.update'
  | 'chat.postEphemeral'
  | 'chat.scheduleMessage'
  | 'chat.deleteScheduledMessage'
  | 'chat.scheduledMessages.list'
  | 'conversations.open'
  | 'conversations.list'
  | 'conversations.history'
  | 'conversations.replies'
  | 'apps.connections.open';

export type SlackScope = {
  scope: string;
  /**
   * 'always': the manifest in docs/slack.md contains the scope. 'private channels': the scope is
   * needed only if a channel of `slack:` is private.
   */
  needed: 'always' | 'private channels';
  methods: readonly SlackMethod[];
  /** The purpose of the scope. The text completes the sentence "Plimsoll needs it to …". */
  use: string;
  /** The consequence if the scope is missing, as a sentence. */
  lost: string;
};

/**
 * Every scope that the bot token needs. `plimsoll doctor`, the error texts, the manifest in
 * docs/slack.md and the comment in examples/plimsoll.yaml use this list.
 */
export const slackScopes: readonly SlackScope[] = [
  {
    scope: 'chat:write',
    needed: 'always',
    methods: [
      'chat.postMessage',
      'chat.update',
      'chat.postEphemeral',
      'chat.scheduleMessage',
      'chat.deleteScheduledMessage',
    ],
    use: "post notes, approval requests and answers to clicks, and to set the dead man's switch",
    lost: 'Nobody gets a message about a deploy.',
  },
  {
    scope: 'im:write',
    needed: 'always',
    methods: ['conversations.open'],
    use: 'open the direct message in which an approver is asked',
    lost: 'Nobody is asked at Slack for an approval.',
  },
  {
    scope: 'im:history',
    needed: 'always',
    methods: ['conversations.history'],
    use: 'find an approval request that it posted before',
    lost: 'Nobody is asked at Slack for an approval, and the buttons of old requests stay.',
  },
  {
    scope: 'channels:read',
    needed: 'always',
    methods: ['conversations.list'],
    use: 'find a public channel by its name',
    lost:
      "There are no notes, no incidents and no dead man's switch in channels that are given by " +
      'their name.',
  },
  {
    scope: 'channels:history',
    needed: 'always',
    methods: ['conversations.history', 'conversations.replies'],
    use: 'find the message of a deploy in a public channel, and to post no message twice',
    lost: 'There are no notes and no incidents in public channels.',
  },
  {
    scope: 'groups:read',
    needed: 'private channels',
    methods: ['conversations.list'],
    use: 'find a private channel by its name',
    lost: 'A private channel of slack: is not found by its name.',
  },
  {
    scope: 'groups:history',
    needed: 'private channels',
    methods: ['conversations.history', 'conversations.replies'],
    use: 'find the message of a deploy in a private channel',
    lost: 'There are no notes and no incidents in private channels.',
  },
];

export const manifestScopes = slackScopes.flatMap(({ scope, needed }) =>
  needed === 'always' ? [scope] : [],
);
