import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import { grammarOf } from '../completion/grammar.ts';
import type { Grammar } from '../completion/grammar.ts';
import { zsh } from '../completion/zsh.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createProgram } from '../program.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

const scripts: Record<Shell, (grammar: Grammar) => string> = { bash, zsh, fish };

/** Prints the shell's script, made from the commands that there are: it cannot lag behind them. */
export async function completion(io: Io, { shell }: { shell: Shell }): Promise<number> {
  io.out(scripts[shell](grammarOf(createProgram(async () => {}))));
  return exitCodes.ok;
}
