import type { Plan } from '../deploy/plan.ts';
import type { Effect } from './platform.ts';
import { published } from './published.ts';

/** Returns the effects of notifications and records, which are the same on every platform. */
export const notificationEffects = (plan: Plan): Effect[] => [
  ...atGithub(plan),
  ...atSlack(plan),
  ...(plan.pages ?? []).map((way): Effect => ({
    ...{ when: 'trouble', where: `page by ${way}`, what: 'a page to a person' },
    calls: [`page ${way}`],
  })),
  ...revertEffects(plan),
];

function atGithub({ github }: Plan): Effect[] {
  if (!github) return [];
  const where = `GitHub ${github}`;
  const root = `/repos/${github}`;
  const issues = [`POST ${root}/issues/*/comments`, `PATCH ${root}/issues/*`];
  return [
    {
      ...{ when: 'forward', always: true, where, what: 'a deployment and its statuses' },
      calls: [`POST ${root}/deployments`, `POST ${root}/deployments/*/statuses`],
    },
    {
      when: 'forward',
      where,
      what: 'the issues that the commits name, closed with a comment',
      calls: issues,
    },
    { when: 'after', where, what: 'the closed issues, reopened', calls: issues },
  ];
}

function atSlack({ slack, rule }: Plan): Effect[] {
  if (!slack) return [];
  const note = (channel: string) => [`chat.postMessage ${channel}`, `chat.update ${channel}`];
  const later = ['chat.scheduleMessage', 'chat.deleteScheduledMessage'];
  const { deployments, incidents } = slack;
  return [
    {
      when: 'forward',
      always: true,
      where: `Slack ${deployments}`,
      what: 'one message, edited, and its thread',
      calls: note(deployments),
    },
    {
      ...{ when: 'forward', where: 'Slack', what: `a question to ${rule.eligible.join(', ')}` },
      calls: ['conversations.open *', 'chat.postMessage direct', 'chat.update direct'],
    },
    {
      ...{
        when: 'forward',
        where: `Slack ${incidents}`,
        what: 'a message that is sent only if this deploy goes silent',
      },
      calls: later.map((call) => `${call} ${incidents}`),
    },
    {
      ...{
        when: 'trouble',
        where: `Slack ${incidents}`,
        what: 'notes about stuck steps, and the incident with its thread',
      },
      calls: [...note(incidents), ...later.map((call) => `${call} ${incidents}`)],
    },
  ];
}

/** The branch is reverted only if this environment owns the branch and the release is to blame. */
function revertEffects({ target, branch, revert, ownsBranch, github }: Plan): Effect[] {
  if (!ownsBranch || revert === 'off') return [];
  const pull: Effect = {
    ...{ when: 'after', where: github ? `GitHub ${github}` : target.repository },
    what: 'a pull request that reverts the commit, if a push is not allowed',
    calls: github
      ? [`POST /repos/${github}/pulls`, `push plimsoll/* ${target.repository}`]
      : [`push plimsoll/* ${target.repository}`],
  };
  return revert === 'push' ? [published(target, branch, 'after'), pull] : [pull];
}
