import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createIo } from '../../client/io.ts';
import { target } from '../../client/session/connect.ts';
import { identity } from '../../client/sign/identity.ts';

const terminal = () => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return { stdin, io: createIo({}, { env: {}, stdin, stdout, stderr }) };
};

const ioWith = (env: NodeJS.ProcessEnv) => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return createIo({}, { env, stdin, stdout, stderr });
};
const home = { HOME: '/nonexistent', TEMPORAL_CONFIG_FILE: '/nonexistent.toml' };

it('an empty variable counts as not set, as GitHub Actions sets it for a missing secret', async () => {
  const empty = Object.fromEntries(
    [
      ...['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'TEMPORAL_PROFILE'],
      ...['TEMPORAL_TLS', 'PLIMSOLL_AS', 'PLIMSOLL_KEY'],
    ].map((name) => [name, '']),
  );
  const [without, withEmpty] = [ioWith(home), ioWith({ ...home, ...empty })];
  expect(withEmpty.env).toEqual(without.env);
  expect(await target(withEmpty.env)).toEqual(await target(without.env));
  expect((await target(withEmpty.env)).connection.tls).toBeUndefined();
  expect((await target(ioWith({ ...home, TEMPORAL_API_KEY: 'key' }).env)).connection.tls).toBe(
    true,
  );
  expect(identity(withEmpty, {})).toEqual(identity(without, {}));
  expect(identity(withEmpty, {}).keyPath).toBe('/nonexistent/.ssh/id_ed25519');
});

describe('a question', () => {
  it('returns the line of the person', async () => {
    const { stdin, io } = terminal();
    const asked = io.ask('Name: ');
    stdin.write('ana\n');
    expect(await asked).toBe('ana');
  });

  it('that a person ends with Ctrl-D is no bug, and nothing was signed', async () => {
    const { stdin, io } = terminal();
    const asked = io.ask('Name: ');
    stdin.end();
    await expect(asked).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 130,
      message: '\nYou did not answer the question. Nothing was signed, sent or written.',
    });
  });
});
