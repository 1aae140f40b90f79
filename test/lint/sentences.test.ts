import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { textsOf } from '../support/texts.ts';
import type { Node } from '../support/texts.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Files that must not contain sentences for people. Sentences for people belong in domain/messages.
 */
const rooms = [
  'workflows/**/*.ts',
  'activities/slack/slack.ts',
  'activities/slack/**/*.ts',
  'activities/page/page.ts',
  'activities/github/github.ts',
  'activities/github/**/*.ts',
  'activities/incident/issues.ts',
  'activities/github/deployment-statuses.ts',
  'activities/incident/revert.ts',
  'worker/doors/slack/**/*.ts',
  'client/session/**/*.ts',
  'client/render/**/*.ts',
];

/** Names of functions for errors and logs. A sentence in a call of these functions is allowed. */
const failing = /^(?:final|transient|unknown|cannot|needsPerson|unsigned|Error|UserError)$/;
const logging = /^(?:log|logger)$/;
/**
 * Names of functions that run a step. The name of the step in a call of these functions is allowed.
 */
const steps = /^(?:step|runStep|runRollbackStep)$/;

/** Texts that are allowed. Each row is the file, a part of the text, and the reason. */
const allowed: readonly (readonly [file: string, part: string, why: string])[] = [
  ['activities/github/github.ts', 'the checks of', 'what was asked, in a failure'],
  ['activities/github/alerts.ts', 'must be an administrator', 'a permission, in a failure'],
  ['activities/github/artifacts.ts', 'the artifact', 'what was asked, in a failure'],
  ['activities/github/artifacts.ts', 'Actions made no artifact', 'why a report is missing'],
  ['activities/github/artifacts.ts', 'it has expired', 'why a report is missing'],
  ['activities/github/artifacts.ts', 'at most 20 MB', 'why a report is missing'],
  ['activities/github/branch-rules.ts', 'GET /repos', 'a route'],
  ['activities/github/branch-rules.ts', 'the rules of', 'what was asked, in a failure'],
  ['activities/github/deployments.ts', 'a deployment', 'what was asked, in a failure'],
  ['activities/github/failure.ts', 'GitHub did not complete', 'a failure'],
  ['activities/github/installation-token.ts', 'a token for', 'what was asked, in a failure'],
  ['activities/github/pulls.ts', 'pull request', 'what was asked, in a failure'],
  ['activities/github/runs.ts', 'the workflow runs of', 'what was asked, in a failure'],
  ['activities/github/runs.ts', 'the jobs of', 'what was asked, in a failure'],
  ['activities/github/runs.ts', 'the deployments of', 'what was asked, in a failure'],
  ['activities/slack/channels.ts', 'the list of channels', 'what was asked, in a failure'],
  ['activities/slack/dead-mans-switch.ts', 'scheduled message', 'what was asked, in a failure'],
  [
    'worker/doors/slack/http-door.ts',
    'The request could not be read',
    'an answer over HTTP, to a program',
  ],
  ['worker/doors/slack/http-door.ts', 'Only POST /slack', 'an answer over HTTP, to a program'],
  [
    'worker/doors/slack/http-door.ts',
    'The request is too large',
    'an answer over HTTP, to a program',
  ],
  [
    'worker/doors/slack/http-door.ts',
    'The signature was not made',
    'an answer over HTTP, to a program',
  ],
  [
    'worker/doors/slack/http-door.ts',
    'The request has no time',
    'an answer over HTTP, to a program',
  ],
  ['worker/doors/slack/http-door.ts', 'more than 5 min', 'an answer over HTTP, to a program'],
  ['worker/doors/slack/socket-door.ts', 'a socket for clicks', 'what was asked, in a failure'],
  ['client/session/read-deploy.ts', 'The last known state', 'the last line of a failure'],
  ['workflows/scheduled/drift.ts', 'the drift in the ledger', 'a line of the log'],
];

type Callee = { name?: string; object?: { name?: string }; property?: { name?: string } };

/** Returns the number of words in a text. Paths, flags and parts of names do not count as words. */
const wordsIn = (text: string) =>
  (text.match(/(?<![\w./:-])[\p{L}’']+(?![\w/:=-])/gu) ?? []).length;

function keepsItsWords(node: Node): boolean {
  if (node.type === 'ThrowStatement') return true;
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return false;
  const { name = '', object, property } = node['callee'] as Callee;
  return (
    failing.test(name) || logging.test(object?.name ?? '') || steps.test(property?.name ?? name)
  );
}

/**
 * Returns the texts with at least four words in the code `source`. Leaves out the texts of errors,
 * logs and steps.
 */
const sentencesOf = (source: string) =>
  textsOf(source, keepsItsWords).filter((text) => wordsIn(text) >= 4);

test('a sentence is found, whether it is a text, a template or a part of one', () => {
  const source = "const said = (name: string) => 'it was ' + `${name} is taken back by itself`;";
  expect(sentencesOf(source)).toEqual(['it was … is taken back by itself']);
});

test('a failure, a log line, a step, a path and a command are none', () => {
  const source = [
    "throw final(type, 'Slack did not take the message.');",
    "log.warn('this line is for the log');",
    "rollout.runStep('read what is served', act);",
    "const path = 'repos/a/b the/c';",
    "const command = 'deploy --ref a --priority P0';",
  ];
  expect(sentencesOf(source.join('\n'))).toEqual([]);
});

const files = rooms.flatMap((room) => globSync(room, { cwd: root })).toSorted();

test.each(files)('%s says nothing to people itself', (file) => {
  const own = allowed.filter(([where]) => where === file).map(([, part]) => part);
  const said = sentencesOf(readFileSync(`${root}/${file}`, 'utf8'));
  expect(said.filter((text) => !own.some((part) => text.includes(part)))).toEqual([]);
});

test('what is allowed is there still', () => {
  const gone = allowed.filter(
    ([file, part]) =>
      !sentencesOf(readFileSync(`${root}/${file}`, 'utf8')).some((text) => text.includes(part)),
  );
  expect(gone).toEqual([]);
});
