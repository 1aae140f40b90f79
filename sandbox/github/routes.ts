import type { Board } from '../board.ts';
import type { Call, Handler, Reply } from '../http.ts';
import type { Repositories } from '../git-host/git-host-repositories.ts';
import type { RepositoryState } from './state.ts';
import type { TokenRights } from './tokens.ts';

/** The input of every route of the stand-in. `name` is "owner/repo". */
export type Request = {
  call: Call;
  name: string;
  params: Record<string, string>;
  state: RepositoryState;
  site: Site;
  rights?: TokenRights | undefined;
};
export type Site = {
  /** The root of every URL in a response. The text is empty until the server listens. */
  url: string;
  board: Board;
  repositories: Repositories;
  /** The login of the account that owns the token. */
  login: string;
  /** If true, everybody may read the repositories. */
  isPublic: boolean;
  /** Returns the signature of a path. A request with this signature needs no token. */
  sign: (path: string) => string;
  nextId: () => number;
  now: () => string;
};
export type Route = { pattern: RegExp; answer: (request: Request) => Handler };

/**
 * Makes a route from a template, such as `GET /repos/{owner}/{repo}/issues`. A parameter never
 * matches a slash.
 */
export const route = (template: string, answer: Route['answer']): Route => ({
  pattern: new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  answer,
});

export const match = (routes: Route[], call: Call) => {
  for (const { pattern, answer } of routes) {
    const found = pattern.exec(`${call.method} ${call.path}`)?.groups;
    if (!found) continue;
    const params = Object.fromEntries(
      Object.entries(found).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    return { answer, params };
  }
  return undefined;
};

export const ok = <Body>(body: Body): Reply => ({ status: 200, body });
export const created = <Body>(body: Body): Reply => ({ status: 201, body });

const docs = 'https://docs.github.com/rest';
export const problem = (status: number, message: string, errors?: unknown[]): Reply => ({
  status,
  body: {
    message,
    documentation_url: docs,
    ...(errors ? { errors } : {}),
    // GitHub describes validation errors without a status.
    ...(status === 422 ? {} : { status: `${status}` }),
  },
});
export const notFound = () => problem(404, 'Not Found');
export const invalid = (resource: string, field: string, code: string, message?: string) =>
  problem(422, 'Validation Failed', [{ resource, field, code, ...(message ? { message } : {}) }]);

/**
 * Returns the JSON object of the body, `{}` if the body is empty, or undefined if the body is not
 * an object.
 */
export const json = (call: Call): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(call.body.toString() || '{}');
    return value && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};
export const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Returns one page of `items` and its Link header. `per_page` is 30 by default and at most 100. */
export const page = <Item>({ call, site }: Request, items: Item[]) => {
  const per = Math.min(100, Math.max(1, Number(call.query.get('per_page') ?? 30) || 30));
  const at = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / per));
  const link = (to: number, rel: string) => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(to));
    return `<${site.url}${call.path}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(at > 1 ? [link(at - 1, 'prev'), link(1, 'first')] : []),
    ...(at < last ? [link(at + 1, 'next'), link(last, 'last')] : []),
  ];
  const headers: Record<string, string> = links.length ? { link: links.join(', ') } : {};
  return { items: items.slice((at - 1) * per, at * per), headers };
};
