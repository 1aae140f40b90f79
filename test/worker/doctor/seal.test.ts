import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seal } from '../../../worker/doctor/seal.ts';
import { makeKeyFile, sealKeyPath } from '../../../worker/seal/key-file.ts';
import { newSealKey } from '../../../worker/seal/new-key.ts';

const alone = { sandbox: false };
const { key, publicKey } = newSealKey();
const look = (config: Parameters<typeof seal>[0], env: NodeJS.ProcessEnv, address?: string) =>
  seal(config, { env, address });

it('says that the first worker makes the key, and makes none', async () => {
  const env = { XDG_DATA_HOME: mkdtempSync(join(tmpdir(), 'doctor-seal-')) };
  const path = sealKeyPath(alone, env);
  const text = `there is no key yet; the first worker makes ${path}`;
  const finding = { check: 'seal', state: 'ok', text };
  expect([await look(alone, env), await look(alone, env)]).toEqual([finding, finding]);
  await makeKeyFile(path);
  expect(await look(alone, env)).toMatchObject({ text: `workers seal with the key in ${path}` });
  chmodSync(path, 0o644);
  expect(await look(alone, env)).toMatchObject({ state: 'problem' });
});

it('reports that a worker for another machine needs a key', async () => {
  expect(await look(alone, {}, 'temporal.example.com:7233')).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('Make a key, and follow the steps that it prints: plimsoll seal'),
  });
});

it('checks the configured key', async () => {
  const config = { ...alone, seal: { key: 'env:S', public: [publicKey] } };
  expect(await look(config, {})).toEqual({ check: 'seal', state: 'unchecked', text: 'needs S' });
  expect(await look(config, { S: key })).toEqual({
    check: 'seal',
    state: 'ok',
    text: 'workers seal with the key in S',
  });
  expect(await look(config, { S: newSealKey().key })).toMatchObject({ state: 'problem' });
  const short = { ...alone, seal: { key: 'env:S', public: [] } };
  expect(await look(short, { S: key })).toMatchObject({
    state: 'ok',
    text:
      'workers seal with the key in S; ' +
      'clients cannot check seals: add the lines that this prints: plimsoll seal',
  });
});
