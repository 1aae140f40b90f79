import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { completion } from '../../client/commands/completion.ts';
import type { Shell } from '../../client/commands/completion.ts';
import { createProgram } from '../../client/program.ts';
import { recordedIo } from '../support/io.ts';

const scriptFor = async (shell: Shell) => {
  const io = recordedIo();
  expect(await completion(io, { shell })).toBe(0);
  return io.stdout.join('\n');
};
const verbs = createProgram(async () => {}).commands.map((command) => command.name());

describe('bash', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-completion-'));
  const file = join(directory, 'plimsoll.bash');
  beforeAll(async () => writeFileSync(file, await scriptFor('bash')));

  /** What a real bash offers for the last of these words. */
  const offered = (...words: string[]) => {
    const line = ['plimsoll', ...words];
    const script =
      'file=$1; shift; source "$file"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' +
      '_plimsoll; printf "%s\\n" "${COMPREPLY[@]}"';
    const args = ['--norc', '-c', script, 'bash', file, ...line];
    return execFileSync('bash', args, { encoding: 'utf8', cwd: directory }).trim().split('\n');
  };

  it('offers every command', () => {
    const options = ['--version', '--json', '--no-input', '--no-color', '--help'];
    expect(offered('')).toEqual([...verbs, ...options]);
    expect(offered('de')).toEqual(['deploy']);
    expect(offered('--json', 'dep')).toEqual(['deploy']);
  });

  it("offers a command's options, choices and subcommands", () => {
    expect(offered('deploy', 'shop', 'production', '--re')).toEqual([
      '--ref',
      '--restore-to',
      '--reason',
    ]);
    expect(offered('deploy', '--priority', '')).toEqual(['normal', 'P0']);
    expect(offered('sandbox', 'f')).toEqual(['faults']);
    expect(offered('incidents', 'c')).toEqual(['close']);
    expect(offered('completion', 'f')).toEqual(['fish']);
  });

  it('offers files where a path is wanted, and nothing where only a person knows', () => {
    expect(offered('worker', '--config', 'plim')).toEqual(['plimsoll.bash']);
    expect(offered('judge', 'plim')).toEqual(['plimsoll.bash']);
    expect(offered('deploy', '--reason', 'd')).toEqual(['']);
  });
});

describe.each(['zsh', 'fish'] as const)('%s', (shell) => {
  it('knows every command and option', async () => {
    const script = await scriptFor(shell);
    for (const verb of verbs) expect(script).toContain(verb);
    const lines = script.split('\n');
    const about = lines.filter((line) => /\bdeploy\b.*reason|priority\)|l priority/.test(line));
    expect(about).toMatchSnapshot();
  });

  it('quotes an apostrophe of a description', async () => {
    const quoted = { zsh: `status:a deploy'\\''s state now`, fish: `'a deploy\\'s state now` };
    expect(await scriptFor(shell)).toContain(quoted[shell]);
  });
});
