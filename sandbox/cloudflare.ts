import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from './board.ts';
import { editOutside } from './cloudflare/edit-outside.ts';
import type { Edit } from './cloudflare/edit-outside.ts';
import { startFront } from './cloudflare/front.ts';
import { createInvocations } from './cloudflare/invocations.ts';
import { putSecret } from './cloudflare/secrets.ts';
import { createSeeder } from './cloudflare/seed.ts';
import type { Origin } from './cloudflare/seed.ts';
import { createService } from './cloudflare/service.ts';
import { createAccount } from './cloudflare/state.ts';
import type { Account } from './cloudflare/state.ts';
import { served, truthOf } from './cloudflare/truth.ts';
import { createWorkshop } from './cloudflare/workshop.ts';
import type { Repositories } from './git-host-repositories.ts';
import { startHttp } from './http.ts';

export type CloudflareOptions = {
  board: Board;
  /** Gets a directory per version: what workerd serves. */
  directory: string;
  token: string;
  /** 32 hexadecimal digits. */
  account?: string;
  /** Where the source of workers lies, and in whose repositories: for their first releases, and the truth. */
  origins?: readonly Origin[];
  repositories?: Repositories;
  slowMs?: number;
  /** How long the analytics lag behind (2 min), and how long their minute is (60 s). */
  lagMs?: number;
  minuteMs?: number;
};
export type Cloudflare = Awaited<ReturnType<typeof startCloudflare>>;

/** What people do besides the API. */
const hands = (account: Account) => {
  const worker = (name: string) => {
    const found = account.workers.get(name);
    if (!found) throw new Error(`The account has no worker ${name}.`);
    return found;
  };
  return {
    putSecret: (name: string, key: string, text: string) =>
      void putSecret(account, worker(name), key, text),
    edit: (name: string, edit: Edit) => editOutside(account, worker(name), edit),
  };
};

/** The first release of a worker, live, by its commit. */
const seeder = (account: Account, { directory, origins = [], repositories }: CloudflareOptions) => {
  mkdirSync(directory, { recursive: true });
  const seed = repositories && createSeeder({ account, repositories, directory });
  return async (name: string, sha: string): Promise<string> => {
    const origin = origins.find((one) => one.name === name);
    if (!seed || !origin) throw new Error(`The sandbox knows no source of the worker ${name}.`);
    return await seed(origin, sha);
  };
};

/**
 * Cloudflare's API for wrangler and for clients, and the edge that serves what was uploaded with
 * workerd: `http://<worker>.localhost:<port>`, a version at `http://<its first 8>-<worker>.…`.
 * Effects: createVersion, createDeployment, setSubdomain, patchSettings, put routes, put schedules, putSecret.
 */
export const startCloudflare = async (options: CloudflareOptions) => {
  const { board, token, lagMs = 120_000, minuteMs = 60_000, slowMs, repositories } = options;
  const id = options.account ?? '0123456789abcdef0123456789abcdef';
  const account = createAccount({ id, token, board, subdomain: '' });
  const workshop = createWorkshop(join(options.directory, 'versions'));
  const invocations = createInvocations({ lagMs, minuteMs });
  const front = await startFront({ account, workshop, invocations });
  account.subdomain = `localhost:${front.port}`;
  const service = createService({ account, workshop, invocations });
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  const { origins = [] } = options;
  return {
    /** For CLOUDFLARE_API_BASE_URL. */
    api: `${http.url}/client/v4`,
    account: id,
    url: (worker: string) => `http://${worker}.${account.subdomain}`,
    /** `{version}` stands for the first 8 digits of a version's id. */
    previews: (worker: string) => `http://{version}-${worker}.${account.subdomain}`,
    seed: seeder(account, options),
    ...hands(account),
    truth: () => [...account.workers.values()].map(truthOf),
    served: (only?: string) => served({ account, workshop, repositories, origins }, only),
    setLag: invocations.setLag,
    close: async () => {
      for (const part of [http, front, workshop]) await part.close();
    },
  };
};
