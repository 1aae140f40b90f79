import { short } from '../../messages/parts/served.ts';
import type { Words } from '../platform.ts';
import type { VpsTarget } from './target.ts';

export const steps: Words<VpsTarget> = {
  release(target, sha) {
    const names = target.hosts.map(({ name }) => name);
    return [
      stageOf(target, short(sha), names),
      ...names.map((name) => `${liveOf(target, name)}, prove health, version and heartbeat`),
    ];
  },
  rollback: (target, { sha }) => [
    ...target.hosts
      .map(({ name }) => name)
      .toReversed()
      .map((name) => `make ${short(sha)} current on ${name}, restart, prove by probing`),
    ...(target.checkout && target.prepare
      ? [`in place, "${target.prepare}" runs again during a rollback`]
      : []),
  ],
  afterRollback: () => [],
  source: 'the error log',
  where: ({ directory, service, prepare }) => [
    `${directory}, service ${service}`,
    ...(prepare ? [`prepare: ${prepare}`] : []),
  ],
};

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
