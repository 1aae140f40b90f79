import { execFile } from 'node:child_process';
import { readFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadVerbs, verbNames as names } from '../../client/verbs.ts';
import { runCli } from '../support/run-cli.ts';
import type { Ended } from '../support/run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs Node with these arguments as a new process. */
const spawned = (nodeArgs: string[]) =>
  new Promise<Ended>((resolve) =>
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...nodeArgs],
      { cwd: root, env: { PATH: process.env['PATH'] } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );

/** Returns the files that a new Node process loads with these arguments. */
async function loadedBy(nodeArgs: string[]): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-help-'));
  const [log, hook] = [join(directory, 'loaded'), join(directory, 'hook.mjs')];
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(log)}, url + '\\n'); return next(url, context); } });`,
  );
  expect(await spawned(['--import', hook, ...nodeArgs])).toMatchObject({ code: 0, stderr: '' });
  return readFileSync(log, 'utf8').trim().split('\n');
}

describe('help', () => {
  it('is the whole list of commands, options and exit codes', async () => {
    const { code, stdout, stderr } = await spawned(['client/cli.ts', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
  });

  it.each([[[]], [['help']], [['-h']], [['help', '--help']]])('is shown by %j', async (args) => {
    const { stdout } = await runCli(['--help']);
    expect(await runCli(args)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it.each(names)('of %s, by all three ways', async (verb) => {
    const { code, stdout, stderr } = await runCli([verb, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/\nGlobal Options:[^]*?\n(?=\n|$)/, '')).toMatchSnapshot();
    expect(await runCli([verb, '-h'])).toEqual({ code, stdout, stderr });
    expect(await runCli(['help', verb])).toEqual({ code, stdout, stderr });
  });

  it('of a command below a verb', async () => {
    const { code, stdout } = await runCli(['help', 'incidents', 'close']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: plimsoll incidents close \[options\] <id>\n/);
  });

  it('of one verb loads no other verb', async () => {
    const loaded = await loadedBy(['client/cli.ts', 'help', 'deploy']);
    expect(loaded.filter((url) => url.includes('/client/commands/'))).toEqual([
      expect.stringMatching(/\/deploy\.ts$/),
    ]);
  });

  it('lists each verb at a place of its own', async () => {
    const places = (await loadVerbs(names)).map(({ listing }) => listing.group + listing.order);
    expect(new Set(places).size).toBe(names.length);
  });

  it('of no verb loads Temporal, zod, yaml or execa', async () => {
    const all = `import { main } from './client/program.ts';
for (const verb of ${JSON.stringify(names)}) await main([verb, '--help']);`;
    const loaded = await loadedBy(['--input-type=module', '--eval', all]);
    expect(loaded.filter((url) => url.includes('/client/commands/'))).toHaveLength(names.length);
    expect(
      loaded.filter((url) => /@temporalio|\/(zod|yaml|execa|@secretlint)\//.test(url)),
    ).toEqual([]);
  });
});

it('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it('commands run beside each other in one process, each with its own streams', async () => {
  const before = process.exitCode;
  const both = await Promise.all([runCli(['judge', '/one.json']), runCli(['judge', '/two.json'])]);
  expect(both.map(({ code, stderr }) => [code, stderr.split(' ')[0]])).toEqual([
    [2, '/one.json'],
    [2, '/two.json'],
  ]);
  expect(process.exitCode).toBe(before);
});

describe('a usage error is exit 2 and says what to type', () => {
  const hint = 'Every command: plimsoll --help\n';
  it.each([
    [['deplay'], `error: unknown command 'deplay'\n(Did you mean deploy?)\n${hint}`],
    [['deploy', 'shop'], `error: missing required argument 'environment'\n${hint}`],
    [
      ['status', 'a', 'b', '--jsn'],
      `error: unknown option '--jsn'\n(Did you mean --json?)\n${hint}`,
    ],
    [
      ['deploy', 'a', 'b', '--priority', 'P1'],
      `error: option '--priority <priority>' argument 'P1' is invalid. Allowed choices are normal, P0.\n${hint}`,
    ],
    [
      ['sandbox', 'effect'],
      `error: command-argument value 'effect' is invalid for argument 'what'. Allowed choices are effects, faults, truth.\n${hint}`,
    ],
  ])('%j', async (args, stderr) => {
    expect(await runCli(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it.each([[['deplay', '--help']], [['help', 'deplay']], [['deplay', 'shop', '-h']]])(
    '%j, and a help flag does not hide it',
    async (args) => {
      const stderr = `error: unknown command 'deplay'\n(Did you mean deploy?)\n${hint}`;
      expect(await runCli(args)).toEqual({ code: 2, stdout: '', stderr });
    },
  );
});

describe('schema', () => {
  it('prints the JSON Schema and the example of the package', async () => {
    const { stdout } = await runCli(['schema']);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(readFileSync(join(root, 'docs/plimsoll.schema.json'), 'utf8')),
    );
    const example = await runCli(['schema', '--example']);
    expect(example.stdout).toBe(
      readFileSync(join(root, 'examples/plimsoll.yaml'), 'utf8').replace('../docs/', './'),
    );
  });
});

describe('judge', () => {
  const judged = async (content: unknown, ...options: string[]) => {
    const file = join(mkdtempSync(join(tmpdir(), 'plimsoll-judge-')), 'file.json');
    writeFileSync(file, JSON.stringify(content));
    return await runCli(['judge', file, ...options]);
  };
  const clean = Array.from({ length: 180 }, () => 0);

  it('is exit 0 for healthy, 5 for rollback, 3 for neither', async () => {
    expect((await judged({ samples: clean, plannedSamples: 180 })).code).toBe(0);
    expect((await judged({ samples: [1, 1, 1, 1, 1, 1], plannedSamples: 180 })).code).toBe(5);
    expect((await judged({ samples: [0, 0], plannedSamples: 180 })).code).toBe(3);
  });

  it('prints JSON on request', async () => {
    const { stdout } = await judged({ samples: [1, 1, 1, 1, 1, 1], plannedSamples: 180 }, '--json');
    expect(JSON.parse(stdout)).toEqual({
      logE: expect.any(Array),
      logH: expect.any(Array),
      verdict: 'rollback',
      rollbackAtSample: expect.any(Number),
    });
  });

  it('tells how the file looks when there is none', async () => {
    expect(await runCli(['judge', '/nowhere.json'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        '/nowhere.json cannot be read: ENOENT.\nName a JSON file such as {"samples":[0,0,1],"plannedSamples":180}\n',
    });
  });
});

it('worker and up report a missing configuration before anything starts', async () => {
  for (const verb of ['worker', 'up'])
    expect(await runCli([verb, '--config', 'nowhere.yaml'])).toMatchObject({
      code: 2,
      stderr: `No configuration at nowhere.yaml: there is no such file.
Start from the commented example: plimsoll schema --example > nowhere.yaml\n`,
    });
});
