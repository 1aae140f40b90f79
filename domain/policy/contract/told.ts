import type { Plan } from '../../plan.ts';
import type { Effect } from '../contract.ts';
import { published } from './published.ts';

/** People, and what they look at: whatever the platform. */
export const told = (plan: Plan): Effect[] => [
  ...atGithub(plan),
  ...atSlack(plan),
  ...(plan.pages ?? []).map((way): Effect => ({
    ...{ when: 'trouble', where: `page by ${way}`, what: 'a call to a person' },
    calls: [`page ${way}`],
  })),
  ...takenBack(plan),
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
      what: 'the issues that its commits name, closed with a comment',
      calls: issues,
    },
    { when: 'after', where, what: 'those issues, reopened', calls: issues },
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
        what: 'what is stuck, and the incident with its thread',
      },
      calls: [...note(incidents), ...later.map((call) => `${call} ${incidents}`)],
    },
  ];
}

/** Only where the environment owns the branch, and the release is to blame. */
function takenBack({ target, branch, revert, ownsBranch, github }: Plan): Effect[] {
  if (!ownsBranch || revert === 'off') return [];
  const pull: Effect = {
    ...{ when: 'after', where: github ? `GitHub ${github}` : target.repository },
    what: 'a pull request that takes it back, where it may not be pushed',
    calls: github
      ? [`POST /repos/${github}/pulls`, `push plimsoll/* ${target.repository}`]
      : [`push plimsoll/* ${target.repository}`],
  };
  return revert === 'push' ? [published(target, branch, 'after'), pull] : [pull];
}
