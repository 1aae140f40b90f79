import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from '../../board.ts';
import { editOutside } from './edit-outside.ts';
import type { Edit } from './edit-outside.ts';
import { startFront } from './front.ts';
import { createInvocations } from './invocations.ts';
import { putSecret } from './secrets.ts';
import { documented } from './permissions.ts';
import type { Permission } from './permissions.ts';
import { createSeeder } from './seed.ts';
import type { Origin } from './seed.ts';
import { createService } from './service.ts';
import { createAccount } from './state.ts';
import type { Account, Zone } from './state.ts';
import { served, truthOf } from './truth.ts';
import { createWorkshop } from './workshop.ts';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import { startHttp } from '../../http.ts';

export type CloudflareOptions = {
  board: Board;
  /**
   * This directory contains one subdirectory for each version, with the files that workerd serves.
   */
  directory: string;
  token: string;
  /** The id of the account: 32 hexadecimal digits. */
  account?: string;
  /**
   * The permissions of the token. Default: only the permissions that docs/platforms.md asks for.
   */
  permissions?: readonly Permission[];
  /** The domains of the account. Default: none. */
  zones?: readonly Zone[];
  /**
   * The sources of the workers. `seed` builds the first releases from these sources. `served`
   * compares them with a version to find the commit that the version runs.
   */
  origins?: readonly Origin[];
  repositories?: Repositories;
  slowMs?: number;
  /**
   * `lagMs` is the delay of the analytics (default 2 min). `minuteMs` is the length of one minute
   * in the analytics (default 60 s).
   */
  lagMs?: number;
  minuteMs?: number;
};
export type Cloudflare = Awaited<ReturnType<typeof startCloudflare>>;

/** Makes the functions for changes that people make at Cloudflare without Plimsoll. */
const hands = (account: Account) => {
  const worker = (name: string) => {
    const found = account.workers.get(name);
    if (!found) throw new Error(`The Cloudflare account has no worker ${name}.`);
    return found;
  };
  return {
    putSecret: (name: string, key: string, text: string) =>
      void putSecret(account, worker(name), key, text),
    edit: (name: string, edit: Edit) => editOutside(account, worker(name), edit),
  };
};

/** Returns a function that builds the commit `sha` and makes it the first release of a worker. */
const seeder = (account: Account, { directory, origins = [], repositories }: CloudflareOptions) => {
  mkdirSync(directory, { recursive: true });
  const seed = repositories && createSeeder({ account, repositories, directory });
  return async (name: string, sha: string): Promise<string> => {
    const origin = origins.find((one) => one.name === name);
    if (!seed || !origin) throw new Error(`The sandbox has no source for the worker ${name}.`);
    return await seed(origin, sha);
  };
};

/**
 * Starts a stand-in for Cloudflare's API, and a server that serves the uploaded versions with
 * workerd. The address of production is `http://<worker>.localhost:<port>`. The address of one
 * version is `http://<first 8 digits of its id>-<worker>.localhost:<port>`. The board counts these
 * effects: createVersion, createDeployment, setSubdomain, patchSettings, postRoute, put schedules,
 * putSecret.
 */
export const startCloudflare = async (options: CloudflareOptions) => {
  const { board, token, lagMs = 120_000, minuteMs = 60_000, slowMs, repositories } = options;
  const id = options.account ?? '0123456789abcdef0123456789abcdef';
  const account = createAccount({
    ...{ id, token, board, subdomain: '' },
    permissions: options.permissions ?? documented,
    zones: options.zones ?? [],
  });
  const workshop = createWorkshop(join(options.directory, 'versions'));
  const invocations = createInvocations({ lagMs, minuteMs });
  const front = await startFront({ account, workshop, invocations });
  account.subdomain = `localhost:${front.port}`;
  const service = createService({ account, workshop, invocations });
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  const { origins = [] } = options;
  return {
    /** The value for CLOUDFLARE_API_BASE_URL. */
    api: `${http.url}/client/v4`,
    account: id,
    url: (worker: string) => `http://${worker}.${account.subdomain}`,
    /**
     * Returns the address pattern for the versions of a worker. `{version}` stands for the first 8
     * digits of the id of a version.
     */
    previews: (worker: string) => `http://{version}-${worker}.${account.subdomain}`,
    seed: seeder(account, options),
    ...hands(account),
    truth: () => [...account.workers.values()].map(truthOf),
    served: (only?: string) => served({ account, workshop, repositories, origins }, only),
    setLag: invocations.setLag,
    /** Changes what the token may do. */
    permit: (permissions: readonly Permission[]) => void (account.permissions = permissions),
    close: async () => {
      for (const part of [http, front, workshop]) await part.close();
    },
  };
};
