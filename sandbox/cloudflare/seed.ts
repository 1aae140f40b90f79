import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { Board } from '../board.ts';
import { checkOut } from '../check-out.ts';
import { startHttp } from '../http.ts';
import type { Repositories } from '../git-host-repositories.ts';
import { createInvocations } from './invocations.ts';
import { createService } from './service.ts';
import { createAccount, makeVersion, newWorker } from './state.ts';
import type { Account, Upload, Worker } from './state.ts';
import { createWorkshop } from './workshop.ts';

/** Where the source of a worker lies; `directory` is relative to the repository's root. */
export type Origin = { name: string; repository: string; directory: string };
export type SeedDeps = { account: Account; repositories: Repositories; directory: string };

/** What a team had before Plimsoll came: the commit deployed by hand and its SHA as the tag. No effect of ours. */
export function createSeeder(deps: SeedDeps) {
  const built = new Map<string, Promise<Worker>>();
  /** Workers of the same source are built once. */
  const buildOnce = (origin: Origin, sha: string) => {
    const key = [origin.repository, origin.directory, sha].join(' ');
    const building = built.get(key) ?? build(deps, origin, sha);
    built.set(key, building);
    return building;
  };
  return async (origin: Origin, sha: string): Promise<string> =>
    install(deps.account, origin.name, await buildOnce(origin, sha));
}

/** The real wrangler in an account of its own, so that nothing of it is counted. */
async function build({ repositories, directory }: SeedDeps, origin: Origin, sha: string) {
  const board = new Board();
  const account = createAccount({ id: 'f'.repeat(32), token: 'seed', board, subdomain: 'seed' });
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
    if (!worker) throw new Error(`wrangler deployed nothing from ${origin.directory}.`);
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
    ...newWorker(account, name),
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
