import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, inject, test } from 'vitest';
import { fakeCommand, temporary } from '../../bin/fake-command.ts';
import { findTimeSkippingServer } from '../../setup/time-skipping.ts';

const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };

function machine(mvn: string) {
  const home = temporary('engine');
  const fake = fakeCommand(join(home, 'fake'), 'java', 'exit 0');
  fakeCommand(fake, 'mvn', mvn);
  const env = { HOME: home, PATH: `${fake}:/usr/bin:/bin`, ...noNetwork };
  return { env, bin: join(home, '.cache', 'plimsoll', 'bin') };
}

test('thirty minutes pass at once on the server that was found', async () => {
  const path = inject('timeSkippingServer');
  const server = { executable: { type: 'existing-path' as const, path } };
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server });
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('30 minutes');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 60_000);
  } finally {
    await environment.teardown();
  }
});

test('without a download its jars come from Maven, kept beside a script', async () => {
  const { env, bin } = machine(
    'grep -q temporal-test-server pom.xml && mkdir lib && touch lib/a.jar',
  );
  const path = join(bin, 'temporal-test-server-v1.38.0');
  expect(await findTimeSkippingServer({ env })).toBe(path);
  expect(readdirSync(bin).toSorted()).toEqual([
    'temporal-test-server-v1.38.0',
    'temporal-test-server-v1.38.0.lib',
  ]);
});

test('a missing server is one error with every way to get it', async () => {
  const { env, bin } = machine('echo "no such artifact" >&2; exit 1');
  const error = await findTimeSkippingServer({ env }).catch((cause: Error) => cause);
  expect((error as Error).message.replace(/(SDK download {2}).*/, '$1<why>'))
    .toBe(`The tests need Temporal's time-skipping test server and found none.
  in the cache  nothing at ${bin}/temporal-test-server-v1.38.0
  SDK download  <why>
  Maven         no such artifact
Install it in one of these ways, then run the same command again:
  - let this machine reach temporal.download
  - install Java 17 or newer and Maven, and let Maven reach its repository (io.temporal:temporal-test-server:1.38.0)`);
  expect(readdirSync(bin)).toEqual([]);
});
