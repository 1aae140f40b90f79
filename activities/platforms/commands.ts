import { failures } from '../../domain/failures.ts';
import type { VpsTarget } from '../../domain/plan.ts';
import { final } from '../lib/fail.ts';
import { scripts } from './vps/scripts.ts';

/**
 * What is run on a host: a fixed script over stdin and its arguments. Nothing is ever pasted
 * into the script.
 */
export type RemoteCommand = {
  /** The step word, first argument on the host: `sh -s -- switch …`. */
  step: string;
  script: string;
  args: string[];
  timeoutMs: number;
};

const second = 1000;
const fetchMs = 120 * second;

const patterns = {
  sha: /^[0-9a-f]{40}$/,
  unit: /^[A-Za-z0-9][A-Za-z0-9@._-]*$/,
  path: /^\/(?!.*\.\.)[A-Za-z0-9/._@-]*$/,
  url: /^https?:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9/._~%?&=+,:@-]*)?$/,
  repository:
    /^(https?:\/\/|ssh:\/\/[a-z0-9._-]+@|[a-z][a-z0-9._-]*@)[A-Za-z0-9][A-Za-z0-9.:[\]-]*[:/][A-Za-z0-9/._~%@+-]+$/i,
} as const;

/** The value, or Refused: it never reaches a shell. */
export function checked(kind: keyof typeof patterns, value: string): string {
  if (patterns[kind].test(value)) return value;
  throw final(
    failures.refused,
    `${JSON.stringify(value)} is not a ${kind} that may be sent to a host: it must match ` +
      `${patterns[kind].source}. ` +
      'Nothing was run; correct it in plimsoll.yaml and start a new deploy.',
  );
}

/** One word for a POSIX shell, whatever it holds. */
export const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

type Where = Pick<VpsTarget, 'directory' | 'service' | 'sudo'>;

const place = ({ directory, service, sudo }: Where) => [
  checked('path', directory),
  checked('unit', service),
  sudo ? 'sudo' : '',
];

/** Pure builders: target in, command out. Errors: Refused for a value that may not be sent. */
export const commands = {
  stage(target: VpsTarget, sha: string): RemoteCommand {
    const seconds = String(Math.ceil(target.prepareMs / second));
    const repository = checked('repository', target.repository);
    const args = [checked('path', target.directory), checked('sha', sha), repository];
    return {
      step: 'stage',
      script: scripts.stage,
      args: [...args, target.prepare ?? '', seconds],
      timeoutMs: target.prepareMs + fetchMs,
    };
  },
  switch(target: Where, sha: string): RemoteCommand {
    const args = [...place(target), checked('sha', sha)];
    return { step: 'switch', script: scripts.switch, args, timeoutMs: 30 * second };
  },
  /**
   * `before`: the InvocationID seen before the switch; another one in the release's directory is
   * adopted.
   */
  restart(target: Where, sha: string, before: string | null): RemoteCommand {
    const id = before !== null && /^[0-9a-f]{32}$/.test(before) ? before : '';
    const args = [...place(target), checked('sha', sha), id];
    return { step: 'restart', script: scripts.restart, args, timeoutMs: 120 * second };
  },
  /** Reads only. `health` null: the unit and the link alone. */
  inspect(target: Where, health: string | null): RemoteCommand {
    const args = [...place(target), health === null ? '' : checked('url', health)];
    return { step: 'inspect', script: scripts.inspect, args, timeoutMs: 20 * second };
  },
  prune(target: Where, keep: string[], keepNewest: number): RemoteCommand {
    const kept = keep.map((sha) => checked('sha', sha));
    const args = [...place(target), String(keepNewest), ...kept];
    return { step: 'prune', script: scripts.prune, args, timeoutMs: 120 * second };
  },
  releases(target: Where): RemoteCommand {
    return {
      step: 'releases',
      script: scripts.releases,
      args: place(target),
      timeoutMs: 20 * second,
    };
  },
  journal(target: Where, lines: number): RemoteCommand {
    const args = [...place(target), String(lines)];
    return { step: 'journal', script: scripts.journal, args, timeoutMs: 20 * second };
  },
};
