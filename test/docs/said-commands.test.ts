import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../client/program.ts';
import { runCli } from '../support/run-cli.ts';
import { commandsIn, faultOf, saidIn } from '../support/said-commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = await createProgram(async () => {});
const said = saidIn(root);

test('every command that a message, page, example or test names is one that the program has', () => {
  const faults = said.flatMap(({ file, line, command }) => {
    const fault = faultOf(program, command);
    return fault === undefined ? [] : [`${file}:${line}: plimsoll ${command}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test('the help of every one of them answers', async () => {
  expect(said.length).toBeGreaterThan(500);
  const verbs = new Set(
    said.map(({ command }) => (/^incidents close\b/.exec(command) ?? /^[a-z-]+/.exec(command))![0]),
  );
  expect(verbs.size).toBeGreaterThan(20);
  for (const verb of verbs) {
    const { code, stdout } = await runCli([...verb.split(' '), '--help']);
    expect({ code, usage: stdout.split('\n')[0] }).toEqual({
      code: 0,
      usage: expect.stringContaining(`Usage: plimsoll ${verb === 'help' ? '' : verb}`),
    });
  }
});

describe('what is found', () => {
  test.each([
    ['a string', "'Start it with: plimsoll worker',", 'worker'],
    ['a template', '`See: ${plimsoll} history ${project} ${environment}\\nor`', 'history X X'],
    [
      'a value in quotes',
      '`${plimsoll} lift a b C --reason "why it is"`',
      'lift a b C --reason "why it is"',
    ],
    ['a sentence', 'Type `plimsoll up`, then go.', 'up'],
    ['an environment before it', 'env -u DATABASE_URL plimsoll worker\n', 'worker'],
    [
      'a line that goes on',
      'plimsoll init ../shop \\\n  --host "$H"\n',
      'init ../shop --host "$H"',
    ],
  ])('%s', (_, text, command) => {
    expect(commandsIn(text).map((it) => it.command)).toEqual([command]);
  });

  test.each(['.plimsoll/plimsoll x', 'GRANT USAGE ON SCHEMA plimsoll and', 'plimsoll.yaml is'])(
    'not %j',
    (text) => expect(commandsIn(text)).toEqual([]),
  );

  test.each([
    ['deplay shop production', 'no verb "deplay"'],
    ['deploy shop production --sha abc', 'deploy has no --sha'],
    ['incidents close ID --bye me', 'incidents has no --bye'],
    ['status a b -x', 'status has no -x'],
  ])('%s is a fault', (command, fault) => {
    expect(faultOf(program, command)).toBe(fault);
  });
});
