import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { Board } from '../../board.ts';
import { checkOut } from '../../check-out.ts';
import { startHttp } from '../../http.ts';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import { createInvocations } from './invocations.ts';
import { documented } from './permissions.ts';
import { createService } from './service.ts';
import { createAccount, makeVersion, newWorker } from './state.ts';
import type { Account, Upload, Worker } from './state.ts';
import { createWorkshop } from './workshop.ts';

/**
 * The repository and the directory that contain the source code of a worker. `directory` is
 * relative to the root of the repository.
 */
export type Origin = { name: string; repository: string; directory: string };
export type SeedDeps = { account: Account; repositories: Repositories; directory: string };

/**
 * Returns a function that deploys a commit without Plimsoll, as a team did before it used Plimsoll.
 * The tag of the new version is the SHA of the commit. The board does not count this deploy as an
 * effect. If the worker already exists, its old versions stay.
 */
export function createSeeder(deps: SeedDeps) {
  const built = new Map<string, Promise<Worker>>();
  /** Builds a commit only once, even if several workers have the same source code. */
  const buildOnce = (origin: Origin, sha: string) => {
    const key = [origin.repository, origin.directory, sha].join(' ');
    const building = built.get(key) ?? build(deps, origin, sha);
    built.set(key, building);
    return building;
  };
  return async (origin: Origin, sha: string): Promise<string> =>
    install(deps.account, origin.name, await buildOnce(origin, sha));
}

/**
 * Deploys a commit with the real wrangler and returns the worker. The deploy uses a separate
 * account, so that the board of the sandbox does not count it.
 */
async function build({ repositories, directory }: SeedDeps, origin: Origin, sha: string) {
  const board = new Board();
  const account = createAccount({
    ...{ id: 'f'.repeat(32), token: 'seed', board, subdomain: 'seed' },
    permissions: documented,
    zones: [],
  });
  const home = await mkdtemp(join(directory, 'seed-'));
  const workshop = createWorkshop(join(home, 'versions'));
  const invocations = createInvocations({ lagMs: 0, minuteMs: 60_000 });
  const http = await startHttp({
    service: createService({ account, workshop, invocations }),
    board,
  });
  try {
    await checkOut(repositories.path(origin.repository), sha, join(home, 'tree'));
    const cwd = join(home, 'tree', origin.directory);
    await deployByHand({ cwd, home, api: `${http.url}/client/v4`, account }, sha);
    const [worker] = account.workers.values();
    if (!worker) throw new Error(`wrangler did not deploy a worker from ${origin.directory}.`);
    return worker;
  } finally {
    for (const part of [http, workshop]) await part.close();
    await rm(home, { recursive: true, force: true });
  }
}

type ByHand = { cwd: string; home: string; api: string; account: Account };

async function deployByHand({ cwd, home, api, account }: ByHand, sha: string) {
  const wrangler = createRequire(import.meta.url).resolve('wrangler/package.json');
  const bin = join(dirname(wrangler), 'bin', 'wrangler.js');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_API_BASE_URL: api,
    CLOUDFLARE_ACCOUNT_ID: account.id,
    CLOUDFLARE_API_TOKEN: account.token,
  };
  const args = [bin, 'deploy', '--tag', sha, '--message', 'by hand'];
  await execa(process.execPath, args, { cwd, env, extendEnv: false, stdin: 'ignore' });
}

function install(account: Account, name: string, model: Worker): string {
  const { subdomain, routes, schedules, tags } = model;
  const worker = {
    ...(account.workers.get(name) ?? newWorker(account, name)),
    subdomain: { ...subdomain },
    routes,
    schedules,
    tags,
  };
  const upload = model.versions[0]?.upload as Upload;
  const version = makeVersion(account, worker, { upload, source: 'wrangler', trigger: 'upload' });
  account.workers.set(name, worker);
  worker.versions.push(version);
  worker.migrationTag = version.migrationTag;
  const versions = [{ version_id: version.id, percentage: 100 }];
  const annotations = { 'workers/message': 'by hand', 'workers/triggered_by': 'deployment' };
  const { id, createdOn } = version;
  worker.deployments.push({ id, createdOn, source: 'wrangler', annotations, versions });
  return id;
}
