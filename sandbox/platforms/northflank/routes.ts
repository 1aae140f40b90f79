import type { Board } from '../../board.ts';
import type { Call, Handler, Reply } from '../../http.ts';
import type { Version } from './permissions.ts';
import type { Service, Services } from './service.ts';

export type Request = {
  call: Call;
  service: Service;
  services: Services;
  board: Board;
  version: Version;
  /** The id of the build in the path. The text is empty if the path names no build. */
  build: string;
};
export type Route = {
  template: string;
  pattern: RegExp;
  answer: (request: Request) => Handler;
  /** True if the documentation calls the route deprecated. Northflank may remove such a route. */
  deprecated: boolean;
};

/**
 * Makes a route from a template, such as `GET /build/{build}`. The path is relative to the service,
 * or to the project if it begins with "services/".
 */
export const route = (template: string, answer: Route['answer'], deprecated = false): Route => ({
  template,
  answer,
  deprecated,
  pattern: new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
});

/** Makes a route that the documentation calls deprecated. */
export const deprecated = (template: string, answer: Route['answer']): Route =>
  route(template, answer, true);

/**
 * Returns a response with status 200. Northflank uses 200 for every success, even when it creates
 * something.
 */
export const ok = (data: unknown, pagination?: unknown): Reply => ({
  status: 200,
  body: { data, ...(pagination ? { pagination } : {}) },
});
export const problem = (status: number, message: string): Reply => ({
  status,
  body: { error: { status, message } },
});
export const notFound = () => problem(404, 'Not found');

export const json = (call: Call): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(call.body.toString() || '{}');
    return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
export const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/**
 * Returns one page of the items. `per_page` is 50 by default and at most 100. Clients send the
 * cursor back unchanged.
 */
export const page = <Item>({ query }: Call, items: Item[]) => {
  const per = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 50) || 50));
  const cursor = query.get('cursor');
  const turn = Math.max(1, Number(query.get('page') ?? 1) || 1) - 1;
  const from = cursor ? Number(Buffer.from(cursor, 'base64url').toString()) : turn * per;
  const found = items.slice(from, from + per);
  const hasNextPage = from + per < items.length;
  const next = hasNextPage ? { cursor: Buffer.from(`${from + per}`).toString('base64url') } : {};
  return { found, pagination: { hasNextPage, count: found.length, ...next } };
};
