import type { Board } from '../board.ts';
import type { Repositories } from '../git-host-repositories.ts';
import type { Reply } from '../http.ts';
import type { Project } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/** What every part of the stand-in shares. */
export type Site = {
  /** The API's own root; set once it listens. */
  url: string;
  board: Board;
  repositories: Repositories;
  directory: string;
  team: { id: string; slug: string };
  user: { uid: string; username: string; email: string };
  plan: 'hobby' | 'pro';
  projects: Project[];
  webhooks: Webhooks;
  /** How long each state lasts at least. */
  paceMs: number;
  startMs: number;
  protection: 'none' | 'login-page' | 'redirect';
  bypass: string | null;
  /** false: the plan has no Observability Plus. */
  observability: boolean;
  /** false: the token may read only. */
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
