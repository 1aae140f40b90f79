import type { Board } from '../../board.ts';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import type { Reply } from '../../http.ts';
import type { Project } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/** The state that all parts of the stand-in share. */
export type Site = {
  /** Root address of the API. It is empty until the server listens. */
  url: string;
  board: Board;
  repositories: Repositories;
  directory: string;
  team: { id: string; slug: string };
  user: { uid: string; username: string; email: string };
  plan: 'hobby' | 'pro';
  projects: Project[];
  webhooks: Webhooks;
  /** Minimum time that a build or a job stays in each state, in milliseconds. */
  paceMs: number;
  startMs: number;
  protection: 'none' | 'login-page' | 'redirect';
  bypass: string | null;
  /** If false, the plan has no Observability Plus. */
  observability: boolean;
  /** If false, the token can only read. */
  mayWrite: boolean;
  closing: AbortSignal;
};

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const problem = (
  status: number,
  code: string,
  message: string,
  more: Record<string, unknown> = {},
): Reply => ({ status, body: { error: { code, message, ...more } } });
export const notFound = (what: string) => problem(404, 'not_found', `${what} not found.`);
