import type { Release, Timing, VpsTarget } from '../../domain/plan.ts';

type Words = { sha: string; target: VpsTarget; timing: Timing };

/** What will be done, in order. Part of the digest: an approver signs these sentences. */
export function stepsOf({ sha, target, timing }: Words): string[] {
  const names = target.hosts.map(({ name }) => name);
  const prepare = target.prepare ? `, then run "${target.prepare}"` : '';
  return [
    `stage ${short(sha)} under ${target.directory}/releases on ${names.join(', ')}${prepare}`,
    ...names.map(
      (name) =>
        `make it current on ${name}, restart ${target.service}, prove health, version and heartbeat`,
    ),
    'smoke test the critical paths: auth, payments, core',
    `watch probes and the error log for ${duration(timing.windowMs)}; go back at once if they turn bad`,
  ];
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
    ...notes,
  ];
}

const short = (sha: string) => sha.slice(0, 7);

const duration = (ms: number) =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
