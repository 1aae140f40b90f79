import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { eventually } from '../support/e2e.ts';
import { processesOf } from '../support/processes-of.ts';
import { cloneInto } from '../support/second-clone.ts';
import { openTerminal } from '../support/terminal.ts';
import type { Terminal } from '../support/terminal.ts';
import { stepsOf, wasShown } from '../support/tutorial.ts';
import type { Step } from '../support/tutorial.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const steps = stepsOf(readFileSync(join(root, 'docs/tutorial.md'), 'utf8'));

/**
 * The directory that serves as a newcomer's machine: a clone, a home directory with Git's name and
 * email, and nothing else.
 */
let machine: string;
const terminals: Terminal[] = [];
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'plimsoll-tutorial-'));
  for (const name of ['home', 'tmp', 'bin', 'typed']) mkdirSync(join(machine, name));
  cloneInto(root, join(machine, 'plimsoll'));
  symlinkSync(inject('temporalBinary'), join(machine, 'bin', 'temporal'));
  const git = '[user]\n\tname = Ana\n\temail = ana@example.com\n';
  writeFileSync(join(machine, 'home', '.gitconfig'), git);
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  rmSync(machine, { recursive: true, force: true });
});

function open(more: NodeJS.ProcessEnv = {}) {
  const path = [join(machine, 'bin'), dirname(process.execPath), process.env['PATH'] ?? ''];
  const terminal = openTerminal({
    cwd: join(machine, 'plimsoll'),
    env: {
      ...{ HOME: join(machine, 'home'), TMPDIR: join(machine, 'tmp'), PATH: path.join(delimiter) },
      ...{
        TERM: 'dumb',
        PAGER: 'cat',
        LANG: 'C.UTF-8',
        npm_config_update_notifier: 'false',
        ...more,
      },
    },
    scratch: join(machine, 'typed'),
    answers: [
      // Types the answers that the page names: Enter to accept an offer, and the digits of a
      // question.
      [/\[.+\]: $/, () => ''],
      [/Type ([0-9a-f]{8}) to approve: $/, ([, digits]) => digits ?? ''],
    ],
  });
  terminals.push(terminal);
  return terminal;
}

/** Runs a step in its own terminal until the text of the page is shown. The step keeps running. */
async function stay({ sh, shown }: Step): Promise<string> {
  const terminal = open();
  await terminal.start(sh);
  await eventually(`${sh}shows\n${shown}`, () => wasShown(shown ?? '', terminal.screen())).catch(
    (cause: Error) => {
      throw new Error(`${cause.message}\nThe terminal shows:\n${terminal.screen()}`, { cause });
    },
  );
  return terminal.screen();
}

async function follow() {
  const main = open();
  for (const step of steps) {
    if (step.how === 'not-run') continue;
    if (step.how === 'stays') {
      const address = /^Temporal {2}(\S+),/m.exec(await stay(step))?.[1];
      // The page tells readers to set TEMPORAL_ADDRESS if the port is in use. Other tests may use
      // the port at the same time.
      if (address) await main.run(`export TEMPORAL_ADDRESS=${address}\n`, 0);
      continue;
    }
    const output = await main.run(step.sh, step.exit);
    if (step.shown !== null && !wasShown(step.shown, output))
      throw new Error(`${step.sh}\nshowed:\n${output}\nThe page says:\n${step.shown}`);
  }
  return main;
}

test('a person who types the tutorial has a release, a rollback and twelve lines', async () => {
  const main = await follow();
  const env = readFileSync(join(machine, 'plimsoll/.plimsoll/practice.env'), 'utf8');
  const url = /PRACTICE_URL='(.*)'/.exec(env)?.[1] ?? '';
  expect(await (await fetch(url)).text()).toBe('shop 1\n');
  const yaml = readFileSync(join(machine, 'plimsoll/plimsoll.yaml'), 'utf8').split('\n');
  const lines = yaml.filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  expect(lines.length).toBeLessThanOrEqual(12);
  for (const terminal of terminals.slice(1)) terminal.interrupt();
  for (const terminal of terminals) await terminal.close();
  await eventually('all processes are gone', () => processesOf(machine).length === 0, 20_000);
  expect(existsSync(join(machine, 'plimsoll/.plimsoll/practice.env'))).toBe(false);
  const left = readdirSync(join(machine, 'tmp')).filter((name) => name.startsWith('plimsoll'));
  expect(left).toEqual([]);
  expect(main.screen()).not.toContain('ghp_');
}, 600_000);
