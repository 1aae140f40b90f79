import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { completion } from '../../../client/commands/completion.ts';
import type { Shell } from '../../../client/commands/completion.ts';
import { createProgram } from '../../../client/program.ts';
import { recordedIo } from '../../support/io.ts';

const scriptFor = async (shell: Shell) => {
  const io = recordedIo();
  expect(await completion(io, { shell })).toBe(0);
  return io.stdout.join('\n');
};
const program = await createProgram(async () => {});
const verbs = program.commands.map((command) => command.name());

describe('bash', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-completion-'));
  const file = join(directory, 'plimsoll.bash');
  const bin = join(directory, 'bin');
  beforeAll(async () => {
    writeFileSync(file, await scriptFor('bash'));
    mkdirSync(bin);
    const said = 'shop production\\nshop staging\\ngateway production\\n';
    const script = `#!/bin/sh\n[ "$*" = "completion places" ] && printf '${said}'\n`;
    writeFileSync(join(bin, 'plimsoll'), script, { mode: 0o755 });
  });

  /** Returns the completions that a real bash offers for the last word. */
  const offered = (...words: string[]) => {
    const line = ['plimsoll', ...words];
    const script =
      'file=$1; shift; source "$file"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' +
      '_plimsoll; printf "%s\\n" "${COMPREPLY[@]}"';
    const args = ['--norc', '-c', script, 'bash', file, ...line];
    const env = { PATH: `${bin}:${process.env['PATH']}` };
    return execFileSync('bash', args, { encoding: 'utf8', cwd: directory, env }).trim().split('\n');
  };

  it('offers every command', () => {
    const options = ['--version', '--json', '--no-input', '--no-color', '--server', '--help'];
    expect(offered('')).toEqual([...verbs, ...options]);
    expect(offered('de')).toEqual(['deploy']);
    expect(offered('--json', 'dep')).toEqual(['deploy']);
  });

  it("offers a command's options, choices and subcommands", () => {
    expect(offered('deploy', 'shop', 'production', '--re')).toEqual(['--ref', '--reason']);
    expect(offered('deploy', '--priority', '')).toEqual(['normal', 'P0']);
    expect(offered('sandbox', 'f')).toEqual(['faults']);
    expect(offered('incidents', 'c')).toEqual(['close']);
    expect(offered('completion', 'f')).toEqual(['fish']);
  });

  it('offers the projects, then the environments of the chosen one, then options', () => {
    expect(offered('deploy', '')).toEqual(['shop', 'gateway']);
    expect(offered('deploy', 'g')).toEqual(['gateway']);
    expect(offered('deploy', 'shop', '')).toEqual(['production', 'staging']);
    expect(offered('--json', 'status', '--as', 'bob', 'shop', 's')).toEqual(['staging']);
    expect(offered('history', 'gateway', '')).toEqual(['production']);
    expect(offered('flag', '')).toEqual(['shop', 'gateway']);
    expect(offered('flag', 'shop', '')).toContain('--as');
    expect(offered('deploy', 'shop', 'staging', '')).toContain('--ref');
  });

  it('offers files where a path is needed, and nothing where only a person knows', () => {
    expect(offered('worker', '--config', 'plim')).toEqual(['plimsoll.bash']);
    expect(offered('judge', 'plim')).toEqual(['plimsoll.bash']);
    expect(offered('scan', 'b')).toEqual(['bin']);
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
    const quoted = { zsh: `status:show a deploy'\\''s state`, fish: `'show a deploy\\'s state` };
    expect(await scriptFor(shell)).toContain(quoted[shell]);
  });
});
