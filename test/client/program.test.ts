import { execFile } from 'node:child_process';
import { readFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../client/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Ended = { code: number; stdout: string; stderr: string };
const run = (args: string[], nodeArgs: string[] = []) =>
  new Promise<Ended>((resolve) =>
    execFile(
      process.execPath,
      [...nodeArgs, 'client/cli.ts', ...args],
      { cwd: root, env: { PATH: process.env['PATH'] } },
      (error, stdout, stderr) =>
        resolve({
          code: Number(error?.code ?? 0),
          stdout,
          stderr: stderr.replace(/^\(node:.*\n.*\n/, ''),
        }),
    ),
  );

describe('help', () => {
  it('is the whole list of commands, options and exit codes', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  it.each([
    'init',
    'up',
    'doctor',
    'completion',
    'deploy',
    'approve',
    'history',
    'scan',
    'sandbox',
  ])('of %s', (verb) => {
    const program = createProgram(async () => {});
    const command = program.commands.find((each) => each.name() === verb)!;
    expect(command.configureHelp({ helpWidth: 100 }).helpInformation()).toMatchSnapshot();
  });

  it('loads neither Temporal nor zod, and at most twelve of our files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plimsoll-help-'));
    const log = join(directory, 'loaded');
    const hook = join(directory, 'hook.mjs');
    writeFileSync(
      hook,
      `import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(log)}, url + '\\n'); return next(url, context); } });`,
    );
    await run(['--help'], ['--import', hook]);
    const loaded = readFileSync(log, 'utf8').trim().split('\n');
    const ours = loaded.filter((url) => url.endsWith('.ts'));
    expect(ours.length).toBeGreaterThan(3);
    expect(ours.length).toBeLessThanOrEqual(12);
    expect(loaded.filter((url) => /@temporalio|\/zod\/|\/yaml\/|execa/.test(url))).toEqual([]);
  });
});

describe('a usage error is exit 2 and says what to type', () => {
  const hint = 'Every command: npx --no plimsoll --help\n';
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
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('nothing at all shows the help', async () => {
    const { code, stderr } = await run([]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Usage: plimsoll /);
  });
});

describe('schema', () => {
  it('prints the JSON Schema and the example of the package', async () => {
    const { stdout } = await run(['schema']);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(readFileSync(join(root, 'docs/plimsoll.schema.json'), 'utf8')),
    );
    const example = await run(['schema', '--example']);
    expect(example.stdout).toBe(
      readFileSync(join(root, 'examples/plimsoll.yaml'), 'utf8').replace('../docs/', './'),
    );
  });
});

describe('judge', () => {
  const judged = async (content: unknown, ...options: string[]) => {
    const file = join(mkdtempSync(join(tmpdir(), 'plimsoll-judge-')), 'file.json');
    writeFileSync(file, JSON.stringify(content));
    return await run(['judge', file, ...options]);
  };
  const clean = Array.from({ length: 180 }, () => 0);

  it('is exit 0 for healthy, 5 for rollback, 3 for neither', async () => {
    expect((await judged({ looks: clean, plannedLooks: 180 })).code).toBe(0);
    expect((await judged({ looks: [1, 1, 1, 1, 1, 1], plannedLooks: 180 })).code).toBe(5);
    expect((await judged({ looks: [0, 0], plannedLooks: 180 })).code).toBe(3);
  });

  it('prints JSON on request', async () => {
    const { stdout } = await judged({ looks: [1, 1, 1, 1, 1, 1], plannedLooks: 180 }, '--json');
    expect(JSON.parse(stdout)).toEqual({
      logE: expect.any(Array),
      logH: expect.any(Array),
      verdict: 'rollback',
      rollbackAtLook: expect.any(Number),
    });
  });

  it('tells how the file looks when there is none', async () => {
    expect(await run(['judge', '/nowhere.json'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        '/nowhere.json cannot be read: ENOENT.\nIt is a JSON file: {"looks":[0,0,1],"plannedLooks":180}\n',
    });
  });
});

it('a configuration that is missing is told by worker and up before anything starts', async () => {
  for (const verb of ['worker', 'up'])
    expect(await run([verb, '--config', 'nowhere.yaml'])).toMatchObject({
      code: 2,
      stderr: `No configuration at nowhere.yaml: there is no such file.
Start from the commented example: npx --no plimsoll schema --example > nowhere.yaml\n`,
    });
});
