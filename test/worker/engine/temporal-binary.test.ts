import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { findTemporal } from '../../../worker/engine/temporal-binary.ts';
import { fakeCommand, temporary } from '../../bin/fake-command.ts';

const cli = `echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"`;
// These proxy addresses make the download of the SDK fail, so that a test never fetches the real
// server.
const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };

/** A fake `go install`: it writes a binary to $GOBIN. */
const goodGo = `
echo "$@ $GOFLAGS" >> "$HOME/calls"
sleep 0.3
printf '#!/bin/sh\\n%s\\n' '${cli}' > "$GOBIN/temporal"
chmod +x "$GOBIN/temporal"`;

function machine() {
  const home = temporary('engine');
  const said: string[] = [];
  const fake = join(home, 'fake');
  const env = { HOME: home, PATH: `${fake}:/usr/bin:/bin`, ...noNetwork };
  const cached = join(home, '.cache', 'plimsoll', 'bin', 'temporal-v1.5.1');
  return {
    home,
    fake,
    said,
    cached,
    options: { env, onProgress: (l: string) => void said.push(l) },
  };
}

test('the suite’s own server was found and starts', () => {
  expect(existsSync(inject('temporalBinary'))).toBe(true);
});

test('temporal on PATH comes first', async () => {
  const { fake, said, options } = machine();
  fakeCommand(fake, 'temporal', cli);
  expect(await findTemporal(options)).toBe(join(fake, 'temporal'));
  expect(said).toEqual([]);
});

test.each([
  ['has no server', 'echo "temporal version 1.5.1"'],
  ['does not run', 'exit 126'],
])('a temporal on PATH that %s is passed over for the cache', async (_, script) => {
  const { fake, cached, said, options } = machine();
  fakeCommand(fake, 'temporal', script);
  fakeCommand(join(cached, '..'), 'temporal-v1.5.1', cli);
  expect(await findTemporal(options)).toBe(cached);
  expect(said).toEqual([]);
});

test('without a download it is built by Go, once for two commands, with a message', async () => {
  const { home, fake, cached, said, options } = machine();
  fakeCommand(fake, 'go', goodGo);
  expect(await Promise.all([findTemporal(options), findTemporal(options)])).toEqual([
    cached,
    cached,
  ]);
  expect(readFileSync(join(home, 'calls'), 'utf8')).toBe(
    'install github.com/temporalio/cli/cmd/temporal@v1.5.1 -p=2\n',
  );
  expect(readdirSync(join(cached, '..'))).toEqual(['temporal-v1.5.1']);
  expect(said.map((line) => line.replace(/\(.*\)\. B/, '(…). B'))).toEqual([
    'Downloading the Temporal server v1.5.1 with the Temporal SDK …',
    `Another command (pid ${process.pid}) is fetching the Temporal server; waiting for it.`,
    'The download failed (…). Building the server with Go takes up to 10 min, only this once …',
    'The Temporal server was built. It is kept for the next start.',
  ]);
});

test('a missing server is one error with every way to get it', async () => {
  const { fake, cached, options } = machine();
  fakeCommand(fake, 'go', 'echo "go: module not found" >&2; exit 1');
  const error = await findTemporal(options).catch((cause: Error) => cause);
  expect(error).toMatchObject({ name: 'UserError' });
  expect((error as Error).message.replace(/(SDK download {2}).*/, '$1<why>'))
    .toBe(`Plimsoll needs a Temporal server and found none.
  on PATH       no "temporal" that answers to: temporal --version
  in the cache  nothing at ${cached}
  SDK download  <why>
  go install    go: module not found
Install it in one of these ways, then run the same command again:
  - install the Temporal CLI (brew install temporal, or the archive of its release page) and put it on PATH
  - let this machine reach temporal.download
  - install Go 1.25 or newer, then: go install github.com/temporalio/cli/cmd/temporal@v1.5.1`);
  expect(readdirSync(join(cached, '..'))).toEqual([]);
});
