import type { Platform, Release, Target, TargetOf, Timing } from '../plan.ts';
import { cloudflare } from './words/cloudflare.ts';
import { northflank } from './words/northflank.ts';
import { vercel } from './words/vercel.ts';
import { vps } from './words/vps.ts';

/** How a platform's procedure is told to those who approve it. Part of the digest. */
export type Words<T extends Target> = {
  /** What is done before smoke and watch, in order. */
  release(target: T, sha: string): string[];
  /** Absolute: harmless where nothing had happened. */
  restore(target: T, restoreTo: Release): string[];
  /** What the watch reads beside the probes. */
  source: string;
  /** Where it runs, beside its addresses. */
  where(target: T): string[];
};

const all: { [P in Platform]: Words<TargetOf<P>> } = {
  cloudflare,
  northflank,
  vercel,
  vps,
};
const wordsOf = ({ platform }: Target) => all[platform] as unknown as Words<Target>;

type Told = {
  sha: string;
  target: Target;
  timing: Timing;
  dependencies?: string[];
  forwardOnly?: string | undefined;
};

/** What will be done, in order: an approver signs these sentences. */
export const stepsOf = (told: Told): string[] => {
  const { sha, target, timing, dependencies = [], forwardOnly } = told;
  const bad = forwardOnly === undefined ? 'go back at once' : 'call a person';
  return [
    ...wordsOf(target).release(target, sha),
    'smoke test the critical paths: auth, payments, core',
    `watch probes and ${wordsOf(target).source} for ${duration(timing.windowMs)}; ${bad} if they turn bad`,
    ...(dependencies.length > 0
      ? [`ask a person instead where one of these went down meanwhile: ${dependencies.join(', ')}`]
      : []),
  ];
};

type Undone = { target: Target; restoreTo: Release | null; notes: string[] };

export const undoOf = ({ target, restoreTo, notes }: Undone): string[] =>
  restoreTo
    ? [...wordsOf(target).restore(target, restoreTo), ...notes]
    : ['there is no way back: a failure calls a person instead of going back', ...notes];

export const whereOf = (target: Target): string[] => wordsOf(target).where(target);

const duration = (ms: number) =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
