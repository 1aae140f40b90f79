import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../worker/engine/cache.ts';
import { withLock } from '../../worker/engine/lock.mjs';
import { inherited } from '../../activities/lib/child-environment.ts';
import { mustRun } from '../../activities/lib/process.ts';
import { downloadBySdk, sdkServerPath } from '../../worker/engine/sdk-download.ts';
import type { EngineOptions } from '../../worker/engine/temporal-binary.ts';

const number = '1.38.0';
const artifact = `io.temporal:temporal-test-server:${number}`;

/**
 * Returns the path of a time-skipping test server, for `createTimeSkipping({ server: { executable:
 * { type: 'existing-path', path } } })`. Uses the server in our cache if there is one. If not,
 * downloads the server with the SDK. If the download fails, fetches the jar files with Maven, which
 * need `java`. If Maven fails too, the error contains both reasons.
 */
export async function findTimeSkippingServer(options: EngineOptions = {}): Promise<string> {
  const { onProgress = () => {}, env = process.env } = options;
  const directory = join(cacheDirectory(env), 'bin');
  const path = sdkServerPath('time-skipping', directory, `v${number}`);
  if (await isExecutable(path)) return path;
  const work = async () => ((await isExecutable(path)) ? path : fetchInto(path, onProgress, env));
  return withLock(`${path}.lock`, work);
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function fetchInto(path: string, onProgress: (line: string) => void, env: NodeJS.ProcessEnv) {
  onProgress(`Fetching the time-skipping test server v${number} with the Temporal SDK …`);
  try {
    return await downloadBySdk('time-skipping', join(path, '..'), `v${number}`);
  } catch (download) {
    const reason = (download as Error).message;
    onProgress(`The download failed (${reason}). Fetching its jars with Maven …`);
    return fetchJars(path, env).catch((maven: Error) => {
      throw howToGetIt(reason, maven.message, path);
    });
  }
}

const defined = (env: NodeJS.ProcessEnv) => inherited(Object.keys(env), env);

async function fetchJars(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  await mustRun('java', ['-version'], { env: defined(env), timeoutMs: 20_000 });
  await mkdir(join(path, '..'), { recursive: true });
  const beside = await mkdtemp(`${path}.jars-`);
  try {
    await writeFile(join(beside, 'pom.xml'), pom);
    const quiet = ['--batch-mode', '--quiet'];
    const args = [...quiet, 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
    await mustRun('mvn', args, { cwd: beside, env: defined(env), timeoutMs: 300_000 });
    await rm(`${path}.lib`, { recursive: true, force: true });
    await rename(join(beside, 'lib'), `${path}.lib`);
    await writeFile(join(beside, 'script'), script, { mode: 0o755 });
    await rename(join(beside, 'script'), path);
    return path;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>plimsoll</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${number}</version>
    </dependency>
  </dependencies>
</project>
`;

// The SDK waits only 5 s for the server, so these options make the JVM start fast. The loop in the
// background ends the server if the test process was killed. When the server ends, the loop ends
// too.
const script = `#!/bin/sh
parent=$PPID
self=$$
( while kill -0 "$parent" && kill -0 "$self"; do sleep 2; done; kill -9 "$self" ) >/dev/null 2>&1 &
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx512m \\
  -cp "$0.lib/*" io.temporal.testserver.TestServer "$@"
`;

const howToGetIt = (download: string, maven: string, path: string) =>
  new Error(`The tests need Temporal's time-skipping test server and found none.
  in the cache  nothing at ${path}
  SDK download  ${download}
  Maven         ${maven.replaceAll('\n', '\n                ')}
Install it in one of these ways, then run the same command again:
  - let this machine reach temporal.download
  - install Java 17 or newer and Maven, and let Maven reach its repository (${artifact})`);
