import type { Plan, Platform, Target, TargetOf } from '../plan.ts';
import { cloudflare } from './contract/cloudflare.ts';
import { northflank } from './contract/northflank.ts';
import { told } from './contract/told.ts';
import { vercel } from './contract/vercel.ts';
import { vps } from './contract/vps.ts';
import { sitesOf } from './sites.ts';

/** `forward`: what a deploy does; `back`: only where it goes back; `after`: only what follows that. */
export type When = 'forward' | 'trouble' | 'after';

/** Something that a deploy may change. */
export type Effect = {
  when: When;
  /** "GitHub acme/shop", "deploy@one". */
  where: string;
  what: string;
  /** On the wire: "POST /repos/acme/shop/deployments", `*` for any text; of a host, Slack and git in words. */
  calls: string[];
  /** A deploy that succeeds has always done it. */
  always?: true;
};

/** Something that is asked and changes nothing. */
export type Probe = { url: string; what: string };

export type Contract = { effects: Effect[]; probes: Probe[] };

/** What one platform adds. */
export type Terms<T extends Target> = {
  effects(target: T, plan: Plan): Effect[];
  /** Paths of every site, beside the critical ones. */
  paths(target: T): { path: string | null; what: string }[];
  /** Where it is asked beside its sites. */
  inside?(target: T): Probe[];
};

const all: { [P in Platform]: Terms<TargetOf<P>> } = { cloudflare, northflank, vercel, vps };
const termsOf = ({ platform }: Target) => all[platform] as unknown as Terms<Target>;

/** Everything that a deploy of this plan may change, and whom it asks: nothing else. */
export function contractOf(plan: Plan): Contract {
  const { target } = plan;
  const terms = termsOf(target);
  return {
    effects: [...terms.effects(target, plan), ...told(plan)],
    probes: [
      ...(terms.inside?.(target) ?? []),
      ...siteProbes(plan, terms),
      ...dependencyProbes(plan),
    ],
  };
}

function siteProbes({ target, smoke }: Plan, terms: Terms<Target>): Probe[] {
  const critical = Object.entries(smoke).map(([what, path]) => ({ path, what }));
  const paths = [...terms.paths(target), ...critical];
  return sitesOf(target).flatMap(({ url }) =>
    paths.flatMap(({ path, what }) =>
      path?.startsWith('/') ? [{ url: new URL(path, url).href, what }] : [],
    ),
  );
}

const dependencyProbes = ({ watch }: Plan): Probe[] =>
  (watch.dependencies ?? []).map((url) => ({ url, what: 'a dependency' }));
