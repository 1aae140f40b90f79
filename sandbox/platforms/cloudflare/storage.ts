import { fields, ok, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import type { Account } from './state.ts';

type Kind = { path: string; counted: string; shape: (name: string, id: string) => object };

/** The resources that wrangler creates by itself for bindings without an id. */
const kinds: Kind[] = [
  {
    path: '/storage/kv/namespaces',
    counted: 'createKvNamespace',
    shape: (title, id) => ({ id, title, supports_url_encoding: true }),
  },
  {
    path: '/d1/database',
    counted: 'createD1Database',
    shape: (name, uuid) => ({ uuid, name, version: 'production' }),
  },
  {
    path: '/queues',
    counted: 'createQueue',
    shape: (queue_name, queue_id) => ({ queue_id, queue_name }),
  },
];

const nameIn = ({ call }: Request) => {
  const { title, name, queue_name: queue } = fields(call);
  return [title, name, queue].find((one) => typeof one === 'string');
};

function create(
  { account }: Pick<Request, 'account'>,
  { path, counted, shape }: Kind,
  name: string,
) {
  const made = storedAt(account, path);
  made.push(name);
  account.board.count('cloudflare', counted, name);
  return ok(shape(name, String(made.length).padStart(32, '0')));
}

const storedAt = ({ stored }: Account, path: string) => {
  const found = stored.get(path) ?? [];
  stored.set(path, found);
  return found;
};

export const storageRoutes: Route[] = kinds.flatMap((kind) => [
  route(`GET /accounts/{account}${kind.path}`, ({ account }) => ({
    read: () =>
      ok(storedAt(account, kind.path).map((name, at) => kind.shape(name, String(at + 1)))),
  })),
  route(`POST /accounts/{account}${kind.path}`, (request) => {
    const name = nameIn(request);
    return {
      read: () => (name === undefined ? problem(400, 10026, 'A name is missing.') : undefined),
      act: () => create(request, kind, name ?? ''),
    };
  }),
]);
