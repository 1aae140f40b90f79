import { randomUUID } from 'node:crypto';
import type { Board } from '../../board.ts';
import type { Permission } from './permissions.ts';

export type Binding = { name: string; type: string; [detail: string]: unknown };
export type Module = { name: string; type: string; content: Buffer };
export type Migrations = { old_tag?: string; new_tag?: string };
/** The part `metadata` of an upload, as wrangler sends it. */
export type Metadata = {
  main_module: string;
  bindings: Binding[];
  compatibility_date: string;
  compatibility_flags: string[];
  keep_bindings: string[];
  annotations: Record<string, string>;
  migrations?: Migrations;
  /**
   * One text that contains the Durable Objects in "exports". With it, two versions can be compared.
   */
  objects?: string;
};
export type Upload = { metadata: Metadata; modules: Module[] };

export type Version = {
  id: string;
  number: number;
  createdOn: string;
  source: 'wrangler' | 'dash' | 'api';
  upload: Upload;
  annotations: Record<string, string>;
  /** All bindings, including the bindings that the version inherits from an earlier version. */
  bindings: Binding[];
  /** The revision that each secret had when the version was made. */
  secrets: Record<string, number>;
  migrationTag: string | null;
  objects: string | null;
};
export type Share = { version_id: string; percentage: number };
export type Deployment = {
  id: string;
  createdOn: string;
  source: Version['source'];
  annotations: Record<string, string>;
  versions: Share[];
};
export type Secret = { name: string; text: string; revision: number };

/** One Worker of the account. Every list starts with the oldest entry. */
export type Worker = {
  name: string;
  tag: string;
  createdOn: string;
  versions: Version[];
  deployments: Deployment[];
  secrets: Secret[];
  subdomain: { enabled: boolean; previews_enabled: boolean };
  routes: string[];
  schedules: { cron: string; createdOn: string }[];
  tags: string[];
  lastDeployedFrom: Version['source'];
  migrationTag: string | null;
};

export type Zone = { id: string; name: string };

export type Account = {
  id: string;
  token: string;
  subdomain: string;
  board: Board;
  /** The permissions of the token. A real token has such permissions for each account. */
  permissions: readonly Permission[];
  zones: readonly Zone[];
  workers: Map<string, Worker>;
  /**
   * Contains the names of KV namespaces, databases and queues. The key is the API path that lists
   * them.
   */
  stored: Map<string, string[]>;
  now: () => string;
};

export const createAccount = (given: Omit<Account, 'workers' | 'stored' | 'now'>): Account => {
  let last = 0;
  return {
    ...given,
    workers: new Map(),
    stored: new Map(),
    // Each returned time is later than the returned time before it. So two versions never have the
    // same time.
    now: () => {
      last = Math.max(Date.now(), last + 1);
      return new Date(last).toISOString();
    },
  };
};

export const newWorker = (account: Account, name: string): Worker => ({
  name,
  tag: randomUUID().replaceAll('-', ''),
  createdOn: account.now(),
  versions: [],
  deployments: [],
  secrets: [],
  subdomain: { enabled: false, previews_enabled: false },
  routes: [],
  schedules: [],
  tags: [],
  lastDeployedFrom: 'wrangler',
  migrationTag: null,
});

export const versionOf = (worker: Worker, id: string) =>
  worker.versions.find((version) => version.id === id);
export const liveOf = ({ deployments }: Worker) => deployments.at(-1);

const isSecret = ({ type }: Binding) => type === 'secret_text';

/**
 * Returns the bindings for a new version. These are the bindings of the upload, the bindings that
 * the upload keeps from the newest version, and the secrets of the worker.
 */
const bindingsFor = (worker: Worker, { metadata }: Upload): Binding[] => {
  const before = worker.versions.at(-1)?.bindings ?? [];
  const own = metadata.bindings
    .map((one) => (one.type === 'inherit' ? before.find(({ name }) => name === one.name) : one))
    .filter((one) => one !== undefined);
  const named = new Set(own.map(({ name }) => name));
  const kept = before.filter(({ name, type }) => {
    return metadata.keep_bindings.includes(type) && type !== 'secret_text' && !named.has(name);
  });
  const secrets = worker.secrets
    .filter(({ name }) => !named.has(name))
    .map(({ name, text }) => ({ name, type: 'secret_text', text }));
  return [...own, ...kept, ...secrets];
};

export type NewVersion = { upload: Upload; source: Version['source']; trigger: string };

/**
 * Makes a version. Does not add the version to the worker, because the version can fail to start.
 */
export function makeVersion(account: Account, worker: Worker, given: NewVersion): Version {
  const { upload, source, trigger } = given;
  return {
    id: randomUUID(),
    number: worker.versions.length + 1,
    createdOn: account.now(),
    source,
    upload,
    annotations: { ...upload.metadata.annotations, 'workers/triggered_by': trigger },
    bindings: bindingsFor(worker, upload),
    secrets: Object.fromEntries(worker.secrets.map(({ name, revision }) => [name, revision])),
    migrationTag: upload.metadata.migrations?.new_tag ?? worker.migrationTag,
    objects: upload.metadata.objects ?? null,
  };
}

export function keepVersion(account: Account, worker: Worker, version: Version) {
  worker.versions.push(version);
  worker.migrationTag = version.migrationTag;
  account.board.count('cloudflare', 'createVersion', `${worker.name} ${version.id}`);
}

export type NewDeployment = {
  versions: Share[];
  source: Version['source'];
  annotations: Record<string, string>;
};

export function addDeployment(account: Account, worker: Worker, given: NewDeployment): Deployment {
  const deployment: Deployment = { id: randomUUID(), createdOn: account.now(), ...given };
  worker.deployments.push(deployment);
  worker.lastDeployedFrom = given.source;
  const shares = given.versions.map(({ version_id, percentage }) => `${version_id}@${percentage}`);
  account.board.count('cloudflare', 'createDeployment', `${worker.name} ${shares.join(' ')}`);
  return deployment;
}

/** Returns a binding as the API shows it. Values of secrets are never shown. */
export const shownBinding = (binding: Binding): Binding =>
  isSecret(binding) ? { name: binding.name, type: binding.type } : binding;
