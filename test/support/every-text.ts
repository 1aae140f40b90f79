import { readFile } from 'node:fs/promises';
import type { Stack } from './e2e.ts';
import { bytesOf, historiesOf, spellings, textOf } from './histories.ts';

/** Every text that people or other programs can read after a deploy. Each key names the place. */
export async function everyText(stack: Stack): Promise<Record<string, string>> {
  const { sandbox, ledgerPath } = stack.fleet;
  const { client, directory, said, workers } = stack;
  const histories = await historiesOf(client);
  return {
    'histories and failures, summaries and memos of the Web UI': histories
      .map(({ text }) => text)
      .join('\n'),
    schedules: await schedulesOf(stack),
    'the log of the worker': await readFile(workers.log, 'utf8'),
    'the database of Temporal': await databaseAt(`${directory}/temporal.db`),
    'the ledger': await databaseAt(ledgerPath),
    Slack: JSON.stringify([sandbox.slack.messages(), sandbox.slack.scheduled()]),
    'the pages': JSON.stringify(sandbox.pager.calls()),
    'what was done outside': JSON.stringify(sandbox.board.effects),
    'the command line': said.join('\n'),
  };
}

const databaseAt = async (path: string) => (await bytesOf(path)) + (await bytesOf(`${path}-wal`));

async function schedulesOf({ client }: Stack) {
  const found: string[] = [];
  for await (const { scheduleId } of client.schedule.list())
    found.push(textOf((await client.schedule.getHandle(scheduleId).describe()).raw));
  return found.join('\n');
}

/**
 * Lists each secret that appears in a text, in any spelling. An entry names the secret and the
 * place, for example "GITHUB_TOKEN: the ledger".
 */
export const leaks = (told: Record<string, string>, secrets: Record<string, string>): string[] =>
  Object.entries(secrets).flatMap(([kind, secret]) =>
    Object.entries(told).flatMap(([where, text]) =>
      spellings(secret).some((form) => text.includes(form)) ? [`${kind}: ${where}`] : [],
    ),
  );
