import type { Call, Handler, Reply } from '../../http.ts';
import type { Account, Worker } from './state.ts';
import type { Workshop } from './workshop.ts';

/** The input of every route of the stand-in. */
export type Request = {
  call: Call;
  params: Record<string, string>;
  account: Account;
  workshop: Workshop;
};
export type Route = { pattern: RegExp; answer: (request: Request) => Handler };

const root = '/client/v4';

/**
 * Makes a route from a template, such as `GET /workers/subdomain`. `{x}` never matches a slash. A
 * path that begins with /workers gets the prefix `/accounts/{account}`.
 */
export const route = (template: string, answer: Route['answer']): Route => {
  const [method = '', path = ''] = template.split(' ');
  const full = `${root}${path.startsWith('/workers') ? `/accounts/{account}${path}` : path}`;
  const source = full.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { pattern: new RegExp(`^${method} ${source}$`), answer };
};

export const match = (routes: Route[], call: Call) => {
  for (const { pattern, answer } of routes) {
    const found = pattern.exec(`${call.method} ${call.path}`);
    if (found) return { answer, params: { ...found.groups } };
  }
  return undefined;
};

export const ok = (result: unknown): Reply => ({
  status: 200,
  body: { success: true, errors: [], messages: [], result },
});
export const problem = (status: number, code: number, message: string): Reply => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});

export const noScript = () => problem(404, 10007, 'This Worker does not exist on your account.');

export const workerOf = ({ account, params }: Request) => account.workers.get(params.name ?? '');

/**
 * Makes a handler that calls `handle` with the worker in the path. If the worker does not exist,
 * the answer is 404 with code 10007.
 */
export const onWorker =
  (handle: (request: Request, worker: Worker) => Handler): Route['answer'] =>
  (request) => {
    const worker = workerOf(request);
    return worker ? handle(request, worker) : { read: noScript };
  };

/** Returns the parsed body, or undefined if the body is not JSON. */
export const json = (call: Call): unknown => {
  try {
    return JSON.parse(call.body.toString() || '{}');
  } catch {
    return undefined;
  }
};

export const fields = (call: Call): Record<string, unknown> => {
  const value = json(call);
  return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
};
