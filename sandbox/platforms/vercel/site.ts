import type { Board } from '../../board.ts';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import type { Reply } from '../../http.ts';
import type { Access } from './roles.ts';
import type { Traffic } from './signals.ts';
import type { Project } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/**
 * The ways in which metrics are answered. `not in plan` and `quota` answer 402: without
 * Observability Plus, or beyond the daily limit. `limited` answers 429. With `cells missing`, cells
 * of the answer are null. With `no buckets`, the answer has no `data`.
 */
export type MetricsMode =
  | 'on'
  | 'not in plan'
  | 'quota'
  | 'forbidden'
  | 'limited'
  | 'invalid'
  | 'cells missing'
  | 'no buckets';

/** The state that all parts of the stand-in share. */
export type Site = {
  /** The root address of the API. It is empty until the server listens. */
  url: string;
  board: Board;
  repositories: Repositories;
  directory: string;
  team: { id: string; slug: string };
  user: { uid: string; username: string; email: string };
  plan: 'hobby' | 'pro';
  projects: Project[];
  webhooks: Webhooks;
  /** The shortest time that a build or a job stays in each state, in milliseconds. */
  paceMs: number;
  startMs: number;
  protection: 'none' | 'login-page' | 'redirect';
  bypass: string | null;
  traffic: Traffic;
  /** Says how requests for metrics are answered. */
  metrics: MetricsMode;
  /** The rights of each token. */
  tokens: Map<string, Access>;
  /** If true, a project does not show its newest job of type `promote` or `rollback`. */
  hidesMoves: boolean;
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
