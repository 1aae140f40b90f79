// Starts a server of the Temporal SDK once, because the SDK downloads the server when it starts it.
// This script is a separate process, so that the caller can stop the download. Usage: node
// sdk-download.mjs <dev-server|time-skipping> <directory> <version>
import { createRequire } from 'node:module';
import { DefaultLogger, Runtime } from '@temporalio/worker';

const [type, downloadDir, version] = process.argv.slice(2);
const sdkVersion = createRequire(import.meta.url)('@temporalio/worker/package.json').version;

Runtime.install({ logger: new DefaultLogger('ERROR', () => {}) });
try {
  const server = await Runtime.instance().createEphemeralServer({
    type,
    exe: {
      type: 'cached-download',
      downloadDir,
      version,
      ttl: 10 * 365 * 24 * 60 * 60 * 1000,
      sdkName: 'sdk-typescript',
      sdkVersion,
    },
    ip: '127.0.0.1',
    port: null,
    ui: false,
    uiPort: null,
    namespace: 'default',
    dbFilename: null,
    log: { format: 'pretty', level: 'never' },
    extraArgs: [],
  });
  await Runtime.instance().shutdownEphemeralServer(server);
  await Runtime.instance().shutdown();
} catch (cause) {
  console.error(cause.message);
  process.exitCode = 1;
}
