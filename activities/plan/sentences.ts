import type { Release, Timing, VpsTarget } from '../../domain/plan.ts';

type Words = { sha: string; target: VpsTarget; timing: Timing; dependencies?: string[] };

/** What will be done, in order. Part of the digest: an approver signs these sentences. */
export function stepsOf({ sha, target, timing, dependencies = [] }: Words): string[] {
  const names = target.hosts.map(({ name }) => name);
  return [
    stageOf(target, short(sha), names),
    ...names.map((name) => `${liveOf(target, name)}, prove health, version and heartbeat`),
    'smoke test the critical paths: auth, payments, core',
    `watch probes and the error log for ${duration(timing.windowMs)}; go back at once if they turn bad`,
    ...(dependencies.length > 0
      ? [`ask a person instead where one of these went down meanwhile: ${dependencies.join(', ')}`]
      : []),
  ];
}

function stageOf({ directory, prepare, checkout, run }: VpsTarget, sha: string, names: string[]) {
  const hosts = names.join(', ');
  if (checkout) return `fetch ${sha} into the checkout ${directory} on ${hosts}`;
  const then = prepare ? `, then run "${prepare}"` : '';
  const build = run === 'compose' ? ', then build its image' : '';
  return `stage ${sha} under ${directory}/releases on ${hosts}${then}${build}`;
}

function liveOf({ service, prepare, checkout, run }: VpsTarget, name: string) {
  const current = checkout
    ? `check it out in place on ${name}${prepare ? `, run "${prepare}"` : ''}`
    : `make it current on ${name}`;
  if (run === 'compose') return `${current}, docker compose up ${service} with its image`;
  return `${current}, ${run === 'docker' ? 'docker restart' : 'restart'} ${service}`;
}

/** Absolute: harmless where nothing had happened. */
export function undoOf({
  target,
  restoreTo,
  notes,
}: {
  target: VpsTarget;
  restoreTo: Release | null;
  notes: string[];
}): string[] {
  if (!restoreTo)
    return ['there is no way back: a failure calls a person instead of going back', ...notes];
  return [
    ...target.hosts
      .map(({ name }) => name)
      .toReversed()
      .map((name) => `make ${short(restoreTo.sha)} current on ${name}, restart, prove by probing`),
    ...(target.checkout && target.prepare
      ? [`in place, "${target.prepare}" runs again on the way back`]
      : []),
    ...notes,
  ];
}

const short = (sha: string) => sha.slice(0, 7);

const duration = (ms: number) =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
