import type { Plan, Target } from '../deploy/plan.ts';
import { specOf } from './index.ts';
import type { Effect, Probe, EffectDeclaration } from './platform.ts';
import { notificationEffects } from './notification-effects.ts';
import { sitesOf } from './sites.ts';

export type DeclaredEffects = { effects: Effect[]; probes: Probe[] };

/**
 * Returns all effects that a deploy of this plan may have, and all addresses that the deploy reads.
 */
export function declaredEffectsOf(plan: Plan): DeclaredEffects {
  const { target } = plan;
  const declaration = specOf(target).effects;
  return {
    effects: [...declaration.effects(target, plan), ...notificationEffects(plan)],
    probes: [
      ...(declaration.inside?.(target) ?? []),
      ...siteProbes(plan, declaration),
      ...dependencyProbes(plan),
    ],
  };
}

function siteProbes({ target, smoke }: Plan, declaration: EffectDeclaration<Target>): Probe[] {
  const critical = Object.entries(smoke).map(([what, path]) => ({ path, what }));
  const paths = [...declaration.paths(target), ...critical];
  return sitesOf(target).flatMap(({ url }) =>
    paths.flatMap(({ path, what }) =>
      path?.startsWith('/') ? [{ url: new URL(path, url).href, what }] : [],
    ),
  );
}

const dependencyProbes = ({ watch }: Plan): Probe[] =>
  (watch.dependencies ?? []).map((url) => ({ url, what: 'a dependency' }));
