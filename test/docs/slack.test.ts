import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifestScopes, slackScopes } from '../../domain/services/slack-scopes.ts';

const page = new URL('../../docs/slack.md', import.meta.url);
const read = () => readFileSync(page, 'utf8');

const manifest = () => {
  const block = /```yaml\n( *display_information:[\s\S]*?)```/.exec(read())?.[1] ?? '';
  return parse(block) as {
    oauth_config: { scopes: { bot: string[] } };
    settings: { token_rotation_enabled: boolean };
  };
};

test('the manifest has exactly the scopes of the list, and no token rotation', () => {
  const { oauth_config: oauth, settings } = manifest();
  expect(oauth.scopes).toEqual({ bot: manifestScopes });
  expect(settings.token_rotation_enabled).toBe(false);
});

const head = '| scope | needed | Plimsoll needs it to | without it |';

/** The lines of the table. oxfmt pads the cells, so they are compared without their padding. */
const cells = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.replace(/ +\| */g, ' | ').replace(/ \| $/, ' |'));

const rows = slackScopes.map(
  ({ scope, needed, use, lost }) => `| \`${scope}\` | ${needed} | ${use} | ${lost} |`,
);

test('the table says what each scope is for', () => {
  const [, after = ''] = read().split('## What each scope is for\n');
  const [table = ''] = after.split('\n\nSlack adds a scope');
  expect(cells(table).filter((line) => !line.startsWith('| -'))).toEqual([head, ...rows]);
});

test('the example names the same scopes', () => {
  const example = readFileSync(new URL('../../examples/plimsoll.yaml', import.meta.url), 'utf8');
  const comment = /# A bot token with ([\s\S]*?)\n *token:/.exec(example)?.[1] ?? '';
  const named = comment.match(/\b[a-z]+:(?:read|write|history)\b/g);
  expect(named).toEqual(slackScopes.map(({ scope }) => scope));
});
