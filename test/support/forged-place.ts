import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { decideRule } from '../../domain/policy/rule.ts';
import { Config } from '../../domain/schema.ts';
import { makeKeys, peopleOf } from './forgery.ts';
import type { World } from './forgery.ts';
import { openGate, planFor } from './plan.ts';

export type ForgedPlace = { world: World; config: Config; now: number };

/** A plan that waits for its approval, and everybody who may try to give one. */
export function forgedPlace(): ForgedPlace {
  const now = '2026-11-24T12:00:00.000Z';
  const keys = makeKeys();
  const config = Config.parse({ ...peopleOf(keys), projects: {} });
  const commit = { sha: 'b'.repeat(40), title: 'Take cards' };
  const emails = ['robin', 'kim', 'lee', 'morgan'].map((name) => `${name}@example.com`);
  const decided = decideRule({
    ...{ environment: 'production', commits: [{ ...commit, emails }], unknownCommits: 0 },
    ...{ approvers: config.approvers, requesters: config.requesters, bots: [] },
    ...{ requestedBy: 'morgan', solo: 'off', firstDeploy: false, offBranch: null },
  });
  if ('impossible' in decided) throw new Error(decided.impossible.join('; '));
  const notAfter = '2026-11-24T14:00:00.000Z';
  const plan = planFor({ requestedBy: 'morgan', rule: decided.rule, notAfter });
  const gates = [openGate('tests', now)];
  const sealed = { plan, gates, digest: sealDigest(plan, gates) };
  return { world: { keys, sealed }, config, now: Date.parse(now) };
}
