import { createSeals } from '../../activities/lib/seals.ts';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Config } from '../../domain/config/config.ts';
import type { Session } from '../../domain/contract/session.ts';
import type { DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import { openWebDoor } from '../../worker/doors/web/web-door.ts';
import type { WebDoorDeps } from '../../worker/doors/web/web-door.ts';
import { freePort } from '../../worker/engine/free-port.ts';
import { configOf } from '../worker/doctor/doctor-fixture.ts';
import { makeKey } from './keys.ts';
import { planFor } from './plan.ts';
import type { TestKey } from './keys.ts';

export const keys = { ana: makeKey(), ben: makeKey(), ci: makeKey(), eve: makeKey() };
export type Somebody = keyof typeof keys;

export const seals = createSeals(generateKeyPairSync('ed25519').privateKey);

/** The port of a session that reaches nothing. `calls` names every call, in order. */
export function fakeSession(answers: Partial<Session> = {}) {
  const calls: string[] = [];
  const noted = Object.fromEntries(
    Object.entries({ ...silent, ...answers }).map(([name, work]) => [
      name,
      typeof work === 'function' && name !== 'isAway'
        ? (...input: unknown[]) => {
            calls.push(name);
            return (work as (...given: unknown[]) => unknown)(...input);
          }
        : work,
    ]),
  );
  return { session: noted as unknown as Session, calls };
}

/** The digest of the plan that waits. */
export const digest = 'c'.repeat(64);
const waiting = { sealed: { plan: planFor(), gates: [], digest } } as unknown as DeploySnapshot;

const silent: Session = {
  address: 'nowhere',
  namespace: 'default',
  registry: async () => ({
    ...{ taskQueue: 'q', sandbox: true },
    ...{ projects: { shop: ['production'] }, branches: { shop: 'main' } },
  }),
  lastPoll: async () => Date.now(),
  deploy: async () => waiting,
  status: async () => null,
  heir: async () => null,
  end: async () => ({ ended: 'failed', why: 'fake' }),
  aftermath: async () => null,
  start: async () => 'a run',
  rollBack: async () => 'a run',
  supersede: async () => true,
  decide: async () => {},
  order: async () => 'sent',
  begin: async () => ({ id: 'run', workflowId: 'history/1' }),
  taskEnd: async () => ({ result: [] }),
  isAway: () => false,
};

type Options = Partial<WebDoorDeps> & {
  answers?: Partial<Session>;
  config?: Record<string, unknown>;
  tls?: { cert: string; key: string };
};

/** Opens a door on a free port of this machine, before a session that reaches nothing. */
export async function startDoor({ answers = {}, config: top = {}, tls, ...deps }: Options = {}) {
  const port = await freePort();
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const config: Config = configOf({
    top: { web: { listen: `127.0.0.1:${port}`, url, ...(tls ? { tls } : {}) }, ...top },
  });
  const person = (name: Somebody) => ({ keys: [keys[name].publicKey], emails: [] });
  config.approvers = { ana: person('ana'), ben: person('ben') };
  config.requesters = { ci: person('ci') };
  const { session, calls } = fakeSession(answers);
  const said: string[] = [];
  const door = await openWebDoor(config, {
    ...{ session, seals, taskQueue: 'q', warn: (line: string) => void said.push(line) },
    ledger: { find: async () => null },
    whyNotSealed: () => null,
    ...deps,
  });
  const post = async (call: string, input: unknown, token?: string, headers = {}) => {
    const response = await fetch(`${url}/v1/${call}`, {
      method: 'POST',
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as any,
    };
  };
  const login = async (name: Somebody, key: TestKey = keys[name]) => {
    const { body } = await post('login', signedLogin(url, name, key));
    return body.result.token as string;
  };
  return { ...door, url, config, calls, said, post, login };
}

export const nonce = () => randomBytes(16).toString('hex');
export const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

export function signedLogin(url: string, name: string, key: TestKey, changes = {}) {
  const login = { url, by: name, nonce: nonce(), notAfter: inMinutes(5), ...changes };
  return { login, signature: key.sign(login, namespaces.login) };
}
