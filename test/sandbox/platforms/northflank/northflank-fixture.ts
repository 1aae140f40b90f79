import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { expect } from 'vitest';
import { Board } from '../../../../sandbox/board.ts';
import { createRepositories } from '../../../../sandbox/git-host/git-host-repositories.ts';
import { startNorthflank } from '../../../../sandbox/platforms/northflank/northflank.ts';
import type {
  Northflank,
  NorthflankOptions,
} from '../../../../sandbox/platforms/northflank/northflank.ts';
import type { ServiceInput } from '../../../../sandbox/platforms/northflank/state.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';

export const repository = 'acme/openclaw-gateway';
export const gateway = { projectId: 'openclaw', serviceId: 'gateway' };
export const token = 'nf-secret-token';

/** Returns the official Northflank client, which calls the stand-in at `host`. */
export const officialClient = async (host: string, secret = token) => {
  const provider = new ApiClientInMemoryContextProvider();
  provider.addContext({ name: 'sandbox', token: secret, host });
  return new ApiClient(provider, { throwErrorOnHttpErrorCode: true });
};

const quick = { stepMs: 20, deadlineMs: 20_000 };
const standardService: ServiceInput = {
  id: 'gateway',
  project: 'openclaw',
  repository,
  environment: { GATEWAY_TOKEN: 'sk_live_never_seen', LOG_LEVEL: 'info' },
  ...quick,
};

type Options = Partial<Omit<NorthflankOptions, 'services'>> & {
  trees?: FileTree[];
  service?: Partial<ServiceInput>;
  /** More services, in addition to the service "gateway". */
  services?: ServiceInput[];
};

/**
 * Starts the Northflank stand-in with the service "gateway": a push starts a build, but a build is
 * not deployed automatically. The repository of the service has one commit for each tree in
 * `trees`.
 */
export const northflankFixture = async (options: Options = {}) => {
  const { trees = [samples.good(1), samples.good(2)], service, services = [], ...rest } = options;
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-northflank-'));
  const board = new Board();
  const repositories = createRepositories(join(directory, 'git'));
  const shas = await repositories.create(
    repository,
    trees.map((files, at) => ({ files, message: `Release ${at + 1}` })),
  );
  const gatewayService = { ...standardService, disabledCD: true, ...service };
  const northflank = await startNorthflank({
    directory: join(directory, 'images'),
    board,
    repositories,
    token,
    slowMs: 200,
    ...rest,
    services: [gatewayService, ...services.map((one) => ({ ...quick, ...one }))],
  });
  const close = async () => {
    await northflank.close();
    await rm(directory, { recursive: true, force: true });
  };
  const base = { directory, board, repositories, northflank, shas };
  const push = (sha: string) => northflank.onPush(repository, 'main', sha);
  return { ...base, push, close, ...questions(northflank, board) };
};

/**
 * Returns functions that read the state of the stand-in and the served commit, and that call the
 * API with `fetch`.
 */
const questions = (northflank: Northflank, board: Board) => {
  const truth = (id = 'gateway') => northflank.truth().find((one) => one.service === id)!;
  const served = async (id = 'gateway') => {
    const answer = await fetch(`${northflank.url(id)}/version`);
    return answer.ok ? ((await answer.json()) as { sha: string }).sha : answer.status;
  };
  const api = async (path = '', init: RequestInit = {}) => {
    const url = `${northflank.address}/v1/projects/openclaw/services/gateway${path}`;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(url, { ...init, headers });
    return { status: answer.status, body: (await answer.json()) as any };
  };
  const post = (path: string, body: unknown) =>
    api(path, { method: 'POST', body: JSON.stringify(body) });
  return {
    truth,
    served,
    api,
    post,
    pin: (buildId: string) => post('/deployment', { internal: { id: 'gateway', buildId } }),
    effects: () => board.effects.map(({ operation }) => operation),
    statuses: () => truth().builds.map(({ status }) => status),
    newest: () => truth().builds.at(-1)!.id,
    built: async (count: number) =>
      await expect
        .poll(() => truth().builds.map(({ status }) => status))
        .toEqual(Array(count).fill('SUCCESS')),
  };
};
export type NorthflankFixture = Awaited<ReturnType<typeof northflankFixture>>;
