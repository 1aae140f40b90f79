import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check, inOrder, unchecked } from '../../../activities/lib/finding.ts';
import { programs } from '../../../worker/doctor/programs.ts';

const script = (body: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'doctor-programs-')), 'program');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
};
const problem = (name: string, text: string) => ({ check: name, state: 'problem', text });

test('what is installed here is in order', async () => {
  const found = await Promise.all(programs());
  expect(found.map(({ check: name, state }) => [name, state])).toEqual([
    ['node', 'ok'],
    ['git', 'ok'],
    ['ssh-keygen', 'ok'],
  ]);
});

test('a program that is too old is reported with the needed version', async () => {
  const old = { node: '22.17.1', git: script('echo git version 2.38.1'), keygen: script('exit 1') };
  expect(await Promise.all(programs(old))).toEqual([
    problem(
      'node',
      'Node 22.17.1 is too old: Plimsoll needs 22.18 or newer.\n' +
        'Install a newer Node from https://nodejs.org, then: node --version',
    ),
    problem(
      'git',
      'git 2.38.1 is too old: Plimsoll needs 2.39 or newer to revert without a work tree.\n' +
        'Install a newer git, then: git --version',
    ),
    problem(
      'ssh-keygen',
      `${old.keygen} cannot sign; Plimsoll needs it to sign requests and approvals.\n` +
        'Install OpenSSH 8.9 or newer, then: ssh -V',
    ),
  ]);
});

test('a missing program is reported with its purpose', async () => {
  const [, git, keygen] = await Promise.all(programs({ git: '/none/git', keygen: '/none/keygen' }));
  expect([git, keygen]).toEqual([
    problem(
      'git',
      'There is no git on this machine; Plimsoll needs it to read and revert commits.\n' +
        'Install git 2.39 or newer, then: git --version',
    ),
    problem(
      'ssh-keygen',
      'There is no ssh-keygen on this machine; Plimsoll needs it to sign requests and approvals.\n' +
        'Install OpenSSH 8.9 or newer, then: ssh -V',
    ),
  ]);
});

test('no answer is a problem, and unchecked is never a pass', async () => {
  const silent = await check('host', () => new Promise<string>(() => {}), 10);
  expect(silent).toEqual(
    problem(
      'host',
      'There was no answer within 0.01 s, so the state is unknown.\n' +
        'Check the network of this machine, then run doctor again.',
    ),
  );
  expect(inOrder([unchecked('worker', 'Temporal')])).toBe(false);
});

test('a secret in an error is not shown', async () => {
  const { text } = await check('x', () => Promise.reject(new Error('no: token=abcdef123456')));
  expect(text).toBe('no: token=…');
});
