import { execa } from 'execa';
import type { Options } from 'execa';

/**
 * Starts a command with execa. `env` is the whole environment of the child, and nothing is inherited.
 * `childEnvironment` makes it.
 */
export const execaChild = <Given extends Options>(
  program: string,
  args: readonly string[],
  options: Given & { env: Record<string, string> },
) => execa(program, args, { ...options, extendEnv: false as const });
