import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { programIn } from '../../../activities/builds/choose.ts';
import { dangerousKeys, registryHosts } from '../../../activities/builds/npm-settings.ts';

test("the keys of a commit's .npmrc that could take the token of the worker's npmrc", () => {
  const harmless = [
    ...['registry=https://npm.example', '@acme:registry=https://npm.example', '# git=evil'],
    ...['engine-strict=true', '; proxy=evil', '', 'legacy-peer-deps = true', 'omit[]=dev'],
  ];
  expect(dangerousKeys(harmless.join('\n'))).toEqual([]);
  const bad = [
    ...['git', 'https-proxy', 'proxy', 'noproxy', 'strict-ssl', 'cafile', 'ca[]', 'script-shell'],
    ...['node-options', 'globalconfig', '//npm.example/:_authToken', 'a-new-key'],
  ];
  expect(dangerousKeys(bad.map((key) => `${key} = x`).join('\r\n'))).toEqual(
    bad.map((key) => key.replace('[]', '')),
  );
});

test('the hosts of registries come from the settings of the worker', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-npmrc-'));
  const npmrc = join(directory, 'npmrc');
  await writeFile(npmrc, '@acme:registry=http://npm.internal/a\n//npm.internal/:_authToken=t\n');
  const env = { PATH: '/nowhere', npm_config_registry: 'https://mirror.internal:8443/npm/' };
  expect(await registryHosts(npmrc, env)).toEqual(['mirror.internal:8443', 'npm.internal:80']);
  // npm itself says which registry it uses without settings, and is asked once.
  const bin = join(directory, 'bin');
  const asked = join(directory, 'asked');
  await mkdir(bin);
  const npm = `#!/bin/sh\necho "$*" >>${asked}\necho https://registry.example/\necho warning >&2\n`;
  await writeFile(join(bin, 'npm'), npm, { mode: 0o755 });
  const own = { PATH: `${bin}:/usr/bin:/bin` };
  for (const _ of [1, 2])
    expect(await registryHosts(undefined, own)).toContain('registry.example:443');
  const [question = '', ...again] = (await readFile(asked, 'utf8')).trimEnd().split('\n');
  expect(again).toEqual([]);
  // A worker may run in a clone of the project. The files of this clone do not count.
  await writeFile(join(directory, 'package.json'), '{}');
  await writeFile(join(directory, '.npmrc'), 'registry=http://10.9.8.7:8080/\n');
  const program = programIn(process.env, 'npm') ?? 'npm';
  const { stdout } = await promisify(execFile)(program, question.split(' '), { cwd: directory });
  expect(stdout).toMatch(/^https?:\/\/(?!10\.9\.8\.7)\S+\n$/);
  await rm(directory, { recursive: true, force: true });
});
