import { constants } from 'node:fs';
import { access, mkdtemp, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { UserError } from '../../domain/lib/user-error.ts';
import { cacheDirectory } from './cache.ts';
import { withLock } from './lock.mjs';
import { childEnvironment, inherited } from '../../activities/lib/child-environment.ts';
import { askChild } from '../../activities/lib/child.ts';
import { mustRun } from '../../activities/lib/process.ts';
import { downloadBySdk, sdkServerPath } from './sdk-download.ts';

const version = 'v1.5.1';
const module = `github.com/temporalio/cli/cmd/temporal@${version}`;

/** The Go settings that a build of the server may need. */
const goVariables = [
  ...['GOPATH', 'GOROOT', 'GOCACHE', 'GOMODCACHE', 'GOTOOLCHAIN', 'GOPROXY', 'GONOPROXY'],
  ...['GOSUMDB', 'GONOSUMDB', 'GOPRIVATE', 'GOINSECURE', 'CGO_ENABLED', 'CC'],
];

export type EngineOptions = {
  /** Receives one line for people at each slow step. */
  onProgress?: (line: string) => void;
  env?: NodeJS.ProcessEnv;
};

/**
 * Returns the path of a Temporal CLI that can start a server. Looks on PATH and in the cache of
 * Plimsoll. Then tries the download of the SDK, and a build with Go. Rejects with one error about
 * all four attempts.
 */
export async function findTemporal(options: EngineOptions = {}): Promise<string> {
  const { onProgress = () => {}, env = process.env } = options;
  const onPath = await fromPath(env);
  if (onPath) return onPath;
  const directory = join(cacheDirectory(env), 'bin');
  const cached = sdkServerPath('dev-server', directory, version);
  if (await runs(cached)) return cached;
  const onWait = (pid: number) =>
    onProgress(`Another command (pid ${pid}) is fetching the Temporal server; waiting for it.`);
  const work = async () => ((await runs(cached)) ? cached : fetchInto(cached, onProgress, env));
  return withLock(`${cached}.lock`, work, { onWait });
}

async function fromPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(directory, 'temporal');
    if (await runs(candidate)) return candidate;
  }
  return undefined;
}

/** Returns true if the CLI runs here and contains a server. */
async function runs(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const { code, text } = await askChild(path, ['--version'], { env: childEnvironment() });
    return code === 0 && /server \d/i.test(text);
  } catch {
    return false;
  }
}

async function fetchInto(
  cached: string,
  onProgress: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  onProgress(`Downloading the Temporal server ${version} with the Temporal SDK …`);
  try {
    return await downloadBySdk('dev-server', join(cached, '..'), version);
  } catch (download) {
    const reason = (download as Error).message;
    onProgress(
      `The download failed (${reason}). Building the server with Go takes up to 10 min, only this once …`,
    );
    return buildInto(cached, onProgress, env).catch((build: Error) => {
      throw howToGetTemporal(reason, build.message, cached);
    });
  }
}

async function buildInto(
  cached: string,
  onProgress: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  await mkdir(join(cached, '..'), { recursive: true });
  const beside = await mkdtemp(`${cached}.build-`);
  try {
    await mustRun('go', ['install', module], {
      env: childEnvironment(
        {
          ...inherited(goVariables, env),
          ...{ GOBIN: beside, GOFLAGS: `${env.GOFLAGS ?? ''} -p=2`.trim() },
        },
        env,
      ),
      timeoutMs: 20 * 60_000,
      everyMs: 15_000,
      onTick: (seconds) => onProgress(`Building the Temporal server … ${seconds} s`),
    });
    await rename(join(beside, 'temporal'), cached);
    onProgress('The Temporal server was built. It is kept for the next start.');
    return cached;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

function howToGetTemporal(download: string, build: string, cached: string): Error {
  const message = `Plimsoll needs a Temporal server and found none.
  on PATH       no "temporal" that answers to: temporal --version
  in the cache  nothing at ${cached}
  SDK download  ${download}
  go install    ${build.replaceAll('\n', '\n                ')}
Install it in one of these ways, then run the same command again:
  - install the Temporal CLI (brew install temporal, or the archive of its release page) and put it on PATH
  - let this machine reach temporal.download
  - install Go 1.25 or newer, then: go install ${module}`;
  return new UserError(message);
}
